"""A folder of recordings described by a manifest: one CSV line per recording."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from fedasc.audio import Signal
from fedasc.audio.files import read_recording
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.corpus.splits import PARTS
from fedasc.errors import CorpusError

_REQUIRED = ("path", "label", "type", "group")
_OPTIONAL = ("domain", "split")


@dataclass(frozen=True)
class ManifestCorpus:
    """The recordings that a manifest lists; paths are relative to the manifest's folder."""

    manifest: Path
    recordings: tuple[Recording, ...] = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.manifest)

    def fingerprint(self) -> str:
        return self._content

    @cached_property
    def _content(self) -> str:
        digest = blake2b(self.manifest.read_bytes(), digest_size=12)
        for recording in self.recordings:
            path = self.manifest.parent / recording.path
            content = path.read_bytes() if path.is_file() else b"missing"
            digest.update(blake2b(content).digest())
        return digest.hexdigest()

    def read(self, index: int) -> Signal:
        return read_recording(self.manifest.parent / self.recordings[index].path)


def read_manifest(path: Path) -> ManifestCorpus:
    """Read and check a manifest; the audio itself is not touched.

    Args:
        path: CSV file with the columns path, label, type, group; optionally domain and split.
            Further columns pass through.

    Raises:
        CorpusError: If the file is missing, empty, lacks a column, or a line can't be used.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such manifest; give the path of a CSV file")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            columns = reader.fieldnames or ()
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise CorpusError(
            f"{path}: lacks the column(s) {', '.join(missing)}; "
            f"the first line must name {', '.join(_REQUIRED)}"
        )
    if not rows:
        raise CorpusError(f"{path}: lists no recordings")
    recordings = []
    paths: set[str] = set()
    splits: dict[str, str] = {}
    for line, row in rows:
        where = f"{path}, line {line}"
        recording = _recording(row, where=where)
        if recording.path in paths:
            raise CorpusError(f"{where}: lists {recording.path} twice; leave one out")
        if splits.setdefault(recording.group, recording.split) != recording.split:
            raise CorpusError(
                f"{where}: group {recording.group!r} stands in more than one split; "
                "give all its lines the same"
            )
        paths.add(recording.path)
        recordings.append(recording)
    return ManifestCorpus(path, tuple(recordings))


def _recording(row: Mapping[str, str], *, where: str) -> Recording:
    for name in _REQUIRED:
        if not row[name]:
            raise CorpusError(f"{where}: {name} is empty")
    if row["label"] not in LABELS:
        raise CorpusError(
            f"{where}: unknown label {row['label']!r}; use one of {', '.join(LABELS)}"
        )
    if row.get("split") and row["split"] not in PARTS:
        raise CorpusError(
            f"{where}: unknown split {row['split']!r}; use one of {', '.join(PARTS)}, or leave it "
            "empty"
        )
    used = (*_REQUIRED, *_OPTIONAL)
    return Recording(
        **{name: row.get(name, "") for name in used},
        further=tuple((k, v) for k, v in row.items() if k and k not in used),
    )
