"""A folder of recordings described by a manifest: one CSV line per recording."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.audio import Signal
from fedasc.audio.files import length_s, read_sound
from fedasc.audio.sound import Sound
from fedasc.config import fingerprint
from fedasc.corpus.contents import contents_digest
from fedasc.corpus.names import SEPARATOR, is_utf8, misnamed, names_in
from fedasc.corpus.parts import PARTS
from fedasc.corpus.recordings import LABELS, Recording, calibration_flaw, full_scale_flaw
from fedasc.corpus.tables import read_table, table_text, text_of
from fedasc.errors import AudioError, CorpusError, in_a_line

_REQUIRED = ("path", "label", "type", "group")
_TEXTS = (*_REQUIRED, "domain", "split", "origin", "microphone")
_TIMES = ("start_s", "duration_s")
_SCALES = {"calibration_db_spl": calibration_flaw, "full_scale": full_scale_flaw}
_SETS = "sets"
_OF_FILES = ("path", "group")  # may be named as files are


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
        files = dict.fromkeys(self._file(recording) for recording in self.recordings)
        return fingerprint(text_of(self.manifest), contents_digest(files, owner=self.manifest))

    def seconds(self, index: int) -> float:
        recording = self.recordings[index]
        if recording.duration_s is not None:
            return recording.duration_s
        return max(0.0, length_s(self._file(recording)) - recording.start_s)

    def read(self, index: int) -> Signal:
        return self.sound(index).signal

    def sound(self, index: int) -> Sound:
        recording = self.recordings[index]
        file = self._file(recording)
        try:
            return read_sound(
                file,
                start_s=recording.start_s,
                duration_s=recording.duration_s,
                full_scale=recording.full_scale,
            )
        except AudioError as error:  # who asks knows the name, and a cached reason may travel
            raise AudioError(str(error).removeprefix(f"{file}: ")) from error

    def _file(self, recording: Recording) -> Path:
        return self.manifest.parent / recording.path


def read_manifest(path: Path) -> ManifestCorpus:
    """Read and check a manifest; the audio itself is not touched.

    Args:
        path: CSV file, see `read_table`, with the columns path, label, type, group; optionally
            domain, split, sets (names between semicolons), origin, start_s, duration_s, microphone,
            calibration_db_spl and full_scale. Further columns pass through. A file's name that
            isn't UTF-8 stands there as it is.

    Raises:
        CorpusError: If the file is missing, empty, lacks a column, or a line can't be used.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such manifest; give the path of a CSV file")
    table = read_table(
        path,
        required=_REQUIRED,
        numbers=(*_TIMES, *_SCALES),
        errors="surrogateescape",
    )
    if missing := table.lacking(_REQUIRED):
        named = in_a_line(", ".join(table.columns), longest=100) or "nothing"
        raise CorpusError(
            f"{path}: lacks the column(s) {', '.join(missing)}; the first line must name "
            f"{', '.join(_REQUIRED)}, and names {named}"
        )
    if not table.rows:
        raise CorpusError(f"{path}: lists no recordings")
    recordings = []
    names: set[str] = set()
    splits: dict[str, str] = {}
    for line, row in table.rows:
        where = f"{path}, line {line}"
        recording = _recording(row, where=where, folder=path.parent)
        if recording.name in names:
            raise CorpusError(f"{where}: lists {recording.name} twice; leave one out")
        if splits.setdefault(recording.group, recording.split) != recording.split:
            raise CorpusError(
                f"{where}: group {recording.group!r} stands in more than one split; "
                "give all its lines the same"
            )
        names.add(recording.name)
        recordings.append(recording)
    return ManifestCorpus(path, tuple(recordings))


def _recording(row: Mapping[str, str], *, where: str, folder: Path) -> Recording:
    for name in _REQUIRED:
        if not row[name].strip():
            raise CorpusError(f"{where}: {name} is empty")
    if row["label"].strip() not in LABELS:
        raise CorpusError(
            f"{where}: unknown label {row['label']!r}; use one of {', '.join(LABELS)}"
        )
    if row.get("split", "").strip() not in ("", *PARTS):
        raise CorpusError(
            f"{where}: unknown split {row['split']!r}; use one of {', '.join(PARTS)}, or leave it "
            "empty"
        )
    values: dict[str, Any] = {name: row.get(name, "").strip() for name in _TEXTS}
    values["path"] = _path(row["path"], folder)
    for name in _TIMES:
        if row.get(name, "").strip():
            values[name] = _seconds(row[name], f"{where}: {name}")
    if values.get("duration_s") == 0:
        raise CorpusError(f"{where}: duration_s must be positive, or empty for all of the file")
    for name, flaw_of in _SCALES.items():
        if row.get(name, "").strip():
            values[name] = _number(row[name], f"{where}: {name}", flaw_of)
    used = {*_TEXTS, *_TIMES, *_SCALES, _SETS}
    recording = Recording(
        **values,
        sets=tuple(dict.fromkeys(names_in(row.get(_SETS, "")))),
        further=tuple((k, v) for k, v in row.items() if k and k not in used),
    )
    if escaped := {name for name, cell in row.items() if not is_utf8(cell)}:
        is_name = "path" in escaped <= {*_OF_FILES} and os.path.lexists(folder / recording.path)
        if not is_name:
            raise CorpusError(f"{where}: isn't in UTF-8; save the table as CSV UTF-8")
    if reason := misnamed(recording):
        raise CorpusError(f"{where}: {reason}")
    return recording


def _path(cell: str, folder: Path) -> str:
    """A path, without the blanks around it unless there is a file with just these."""
    path = cell.strip()
    with_blanks = cell != path and os.path.lexists(folder / cell)
    return cell if with_blanks and not os.path.lexists(folder / path) else path


def _seconds(text: str, what: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise CorpusError(f"{what} must be a time in seconds, got {text!r}")
    return seconds


def _number(text: str, what: str, flaw_of: Callable[[float], str]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if flaw := flaw_of(number):
        raise CorpusError(f"{what} {flaw}, got {text!r}")
    return number


def write_manifest(path: Path, recordings: Iterable[Recording], *, root: Path) -> None:
    """Write a manifest; whole, or not at all.

    Args:
        path: CSV file to write or replace.
        recordings: In the order of the lines.
        root: Folder that the recordings' paths are relative to.

    Raises:
        CorpusError: If a name can't be written.
    """
    lines = []
    for recording in recordings:
        if reason := misnamed(recording):
            raise CorpusError(f"{recording.path!r}: {reason}")
        line = {name: getattr(recording, name) for name in _TEXTS}
        line["path"] = Path(os.path.relpath(root / recording.path, path.parent)).as_posix()
        line |= {_SETS: SEPARATOR.join(recording.sets)}
        line |= {name: _plain(getattr(recording, name)) for name in _TIMES}
        for name in _SCALES:
            value = getattr(recording, name)
            line[name] = "" if value is None else f"{value:.12g}"
        lines.append(line | dict(recording.further))
    columns = dict.fromkeys(name for line in lines for name, value in line.items() if value)
    rows = [[line.get(name, "") for name in columns] for line in lines]
    with replaced(path) as file:
        file.write(table_text([[*columns], *rows]).encode(errors="surrogateescape"))


def _plain(seconds: float | None) -> str:
    return f"{seconds:.12g}" if seconds else ""
