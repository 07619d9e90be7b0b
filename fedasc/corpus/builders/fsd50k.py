"""FSD50K: clips from Freesound with AudioSet's labels."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.ontology import Labels, read_ontology, types_by_labels
from fedasc.corpus.recordings import Recording
from fedasc.corpus.vocabulary import Vocabulary
from fedasc.errors import CorpusError

LICENCE = (
    "FSD50K as a data set is CC BY 4.0; each of its clips has a licence of its own: CC0, CC BY, "
    "CC BY-NC or CC Sampling+."
)

MISSING = "listed, but there is no such file"
NOT_LISTED = "not listed in the ground truth"

_PARTS = ("dev", "eval")


def build_fsd50k(root: Path, *, vocabulary: Vocabulary, ontology: Path | None = None) -> Build:
    """The recordings of FSD50K as it is unpacked, or of one of its two parts.

    Which labels make which type, `types_by_labels` tells; FSD50K knows no genres, so all of its
    recordings are noise. A recording's group is who uploaded it, since clips of one uploader often
    come from one session; without FSD50K.metadata each clip is a group of its own.

    Args:
        root: Folder with FSD50K.ground_truth, FSD50K.dev_audio and so on.
        vocabulary: Noise types to look for.
        ontology: AudioSet's ontology.json; the one in root if None.

    Raises:
        CorpusError: If ground truth or ontology are missing, or a line can't be used.
    """
    sounds = read_ontology(ontology or root / "ontology.json")
    tables = {part: root / "FSD50K.ground_truth" / f"{part}.csv" for part in _PARTS}
    parts = [part for part in _PARTS if tables[part].is_file()]
    if not parts:
        raise CorpusError(
            f"{root}: expected FSD50K.ground_truth/dev.csv or eval.csv; unpack FSD50K from "
            "https://zenodo.org/records/4060432 there"
        )
    labels: dict[str, Labels] = {}
    details: dict[str, Mapping[str, str]] = {}
    left = []
    for part in parts:
        listed = _ground_truth(tables[part])
        folder = f"FSD50K.{part}_audio"
        if not (root / folder).is_dir():
            left.append((folder, f"no such folder, though {len(listed)} of its clips are listed"))
            continue
        there = {path.name for path in (root / folder).glob("[!.]*.wav")}
        left += [(f"{folder}/{name}", MISSING) for name in sorted(listed.keys() - there)]
        left += [(f"{folder}/{name}", NOT_LISTED) for name in sorted(there - listed.keys())]
        labels |= {f"{folder}/{name}": listed[name] for name in sorted(listed.keys() & there)}
        details |= _details(root / "FSD50K.metadata" / f"{part}_clips_info_FSD50K.json")
    types, unfit = types_by_labels(labels, vocabulary=vocabulary, ontology=sounds)
    recordings = []
    for path, kind in sorted(types.items()):
        clip = Path(path).stem
        known = details.get(clip, {})
        recordings.append(
            Recording(
                path=path,
                label=kind.label,
                type=kind.name,
                domain=kind.domain,
                group=known.get("uploader") or clip,
                origin=f"freesound:{clip}",
                further=(("licence", known["license"]),) if known.get("license") else (),
            )
        )
    return Build(recordings=tuple(recordings), licence=LICENCE, left=(*left, *unfit))


def _ground_truth(table: Path) -> Mapping[str, Labels]:
    """Labels by the file name of the clip."""
    labels: dict[str, Labels] = {}
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            if missing := {"fname", "mids"} - set(reader.fieldnames or ()):
                raise CorpusError(f"{table}: lacks the column(s) {', '.join(sorted(missing))}")
            for row in reader:
                name, mids = f"{row['fname']}.wav", row["mids"]
                if not (row["fname"] and mids.startswith("/")) or name in labels:
                    raise CorpusError(
                        f"{table}, line {reader.line_num}: expected the name of a clip that isn't "
                        f"listed yet and its machine ids, got {row['fname']!r} and {mids!r}"
                    )
                labels[name] = frozenset(mids.split(","))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{table}: not a CSV file in UTF-8 ({error})") from error
    return labels


def _details(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Uploader and licence, among others, by clip; {} without the file."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise CorpusError(f"{path}: not a JSON file ({error}); unpack it again") from error
    if not (isinstance(content, dict) and all(isinstance(clip, dict) for clip in content.values())):
        raise CorpusError(f"{path}: expected an object of clips, each an object; unpack it again")
    return content
