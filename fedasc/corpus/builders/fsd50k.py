"""FSD50K: clips from Freesound with AudioSet's labels."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.ontology import Labels, labels_of, read_ontology, types_by_labels
from fedasc.corpus.builders.tables import read_rows
from fedasc.corpus.builders.tree import Tree, contents, tree_of
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
_CURE = "take FSD50K's own file"


def build_fsd50k(root: Path, *, vocabulary: Vocabulary, ontology: Path | None = None) -> Build:
    """The recordings of FSD50K as it is unpacked, or of one of its two parts.

    Which labels make which type, `types_by_labels` tells; FSD50K knows no genres, so all of its
    recordings are noise. A recording's group is who uploaded it, since clips of one uploader often
    come from one session; without FSD50K.metadata each clip is a group of its own.

    The audio is looked for by name below the folder, of any suffix: in FSD50K.dev_audio first, so
    that copies as FLAC or at another rate will do, in whatever folder.

    Args:
        root: Folder with FSD50K.ground_truth, FSD50K.dev_audio and so on, or one above.
        vocabulary: Noise types to look for.
        ontology: AudioSet's ontology.json; the one in root if None.

    Raises:
        CorpusError: If ground truth or ontology are missing, or a line can't be used.
    """
    sounds = read_ontology(ontology or root / "ontology.json")
    tree = tree_of(root)
    tables = {part: _table(tree, part) for part in _PARTS}
    if not any(tables.values()):
        raise CorpusError(
            f"{root}: expected FSD50K.ground_truth/dev.csv or eval.csv; unpack FSD50K from "
            f"https://zenodo.org/records/4060432 there; {contents(root)}"
        )
    labels: dict[str, Labels] = {}
    details: dict[str, Mapping[str, str]] = {}
    left = []
    for part, table in tables.items():
        if table is None:
            continue
        listed = _ground_truth(root / table)
        folder = str(PurePosixPath(table).parent.parent / f"FSD50K.{part}_audio")
        paths = {name: tree.audio_file(name, folder=folder) for name in sorted(listed)}
        if not any(paths.values()):
            left.append((folder, f"no such folder, though {len(listed)} of its clips are listed"))
            continue
        left += [(f"{folder}/{name}", MISSING) for name, path in paths.items() if path is None]
        labels |= {path: listed[name] for name, path in paths.items() if path}
        details |= _details(root, tree, part)
    folders = {str(PurePosixPath(path).parent) for path in labels}
    known_clips = {PurePosixPath(path).stem for path in labels}
    left += [
        (path, NOT_LISTED)
        for path in tree.audio
        if str(PurePosixPath(path).parent) in folders
        and PurePosixPath(path).stem not in known_clips
    ]
    types, unfit = types_by_labels(labels, vocabulary=vocabulary, ontology=sounds)
    recordings = []
    for path, kind in sorted(types.items()):
        clip = PurePosixPath(path).stem
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


def _table(tree: Tree, part: str) -> str | None:
    """The ground truth of a part; other tables of the same name lie in other folders."""
    folders = ("FSD50K.ground_truth", "ground_truth", "labels")
    return next(
        (
            table
            for table in tree.tables(f"{part}.csv")
            if PurePosixPath(table).parent.name in folders
        ),
        None,
    )


def _ground_truth(table: Path) -> Mapping[str, Labels]:
    """Labels by the file name of the clip."""
    labels: dict[str, Labels] = {}
    for line, row in read_rows(table, ("fname", "mids"), cure=_CURE, may_be_empty=True):
        name, mids = f"{row['fname']}.wav", labels_of(row["mids"])
        usable = row["fname"] and mids and all(mid.startswith("/") for mid in mids)
        if not usable or name in labels:
            raise CorpusError(
                f"{table}, line {line}: expected the name of a clip that isn't listed yet and its "
                f"machine ids, got {row['fname']!r} and {row['mids']!r}"
            )
        labels[name] = mids
    return labels


def _details(root: Path, tree: Tree, part: str) -> Mapping[str, Mapping[str, str]]:
    """Uploader and licence, among others, by clip; {} without the file."""
    tables = tree.tables(f"{part}_clips_info_FSD50K.json")
    if not tables:
        return {}
    path = root / tables[0]
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise CorpusError(f"{path}: not a JSON file ({error}); unpack it again") from error
    if not (isinstance(content, dict) and all(isinstance(clip, dict) for clip in content.values())):
        raise CorpusError(f"{path}: expected an object of clips, each an object; unpack it again")
    return content
