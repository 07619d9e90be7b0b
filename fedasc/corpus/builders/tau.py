"""TAU Urban Acoustic Scenes, 2019 and mobile 2020 to 2025 (Heittola, Mesaros and Virtanen).

Layouts as DCASE publishes them on Zenodo: `meta.csv`, between tabs, and `audio`, with segments of
10 s until 2021 and their pieces of 1 s since. The challenges of 2024 and 2025 train on parts of
the development set of 2022, which tables `split5.csv` to `split100.csv` list.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.slices import JOINED, Slice, put_together
from fedasc.corpus.builders.tables import read_rows
from fedasc.corpus.builders.tree import Tree, contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError
from fedasc.progress import Progress, quiet

LICENCE = (
    "Tampere University: for experiments that aren't commercial, with the copyright notice, and "
    "the source named in what is published."
)

VOICES = "people talk there, and nobody says where they don't; see --babble"
NO_LABELS = "its table names no scenes: evaluation sets are published without"
UNKNOWN = "not of one of TAU's ten scenes, or of no known location"
MISSING = "listed, but there is no such file"
COPY = "the same segment by the same device comes first"

_TYPES = {
    "bus": "bus",
    "metro": "subway",
    "park": "park",
    "street_traffic": "traffic",
    "tram": "tram",
}
_CROWDS = ("airport", "metro_station", "public_square", "shopping_mall", "street_pedestrian")
_NAME = re.compile(
    rf"(?P<scene>{'|'.join((*_TYPES, *_CROWDS))})-(?P<place>[a-z]+-\d+)-(?P<number>\d+)"
    r"(?:-(?P<second>\d+))?-(?P<device>[a-z]\d*)"
)
_FOLDS = {"fold1_train.csv": "train", "fold1_evaluate.csv": "test", "fold1_test.csv": "test"}
_PERCENT = (5, 10, 25, 50, 100)


@dataclass(frozen=True, order=True)
class _Segment:
    """10 s at one place by one device."""

    scene: str
    place: str
    number: str
    device: str


_Listed = dict[str, tuple[_Segment, int | None]]
"""The segment of each audio file, and which of its seconds the file is, if not all."""


def build_tau(root: Path, *, babble: bool = False, progress: Progress = quiet) -> Build:
    """The recordings of TAU Urban Acoustic Scenes, of one or several of its years.

    Scene, city, location, segment and device stand in the names of files, and in the columns of a
    meta.csv, which count. All that was recorded at a location is one group, whatever device
    recorded it. The device is the recording's microphone: a to d are real ones, s1 to s11 were
    simulated with responses of real ones.

    Pieces of 1 s are put together to the segments that they were cut from (`put_together`), beside
    the folder of the audio; what doesn't last 5 s even so is left out. Segments that several years
    have count once.

    TAU doesn't say where somebody speaks, only that nobody does close to the microphone. So scenes
    whose sound is that of people are left out unless asked for.

    Args:
        root: The folder of a year, or one above.
        babble: Take scenes full of people as noise too.
        progress: Told how many segments have been put together.

    Raises:
        CorpusError: If there is no such audio, or a table can't be used.
        FedascError: If there is no room to put pieces together.
    """
    tree = tree_of(root, without=JOINED)
    listed, left = _listed(root, tree)
    if not listed and not tree.tables("meta.csv"):
        raise CorpusError(
            f"{root}: expected meta.csv and audio such as audio/bus-lyon-1041-42041-a.wav; "
            f"{contents(root)}"
        )
    segments: dict[_Segment, dict[int | None, str]] = defaultdict(dict)
    for path, (segment, second) in listed.items():
        if segment.scene in _CROWDS and not babble:
            left.append((path, VOICES))
        elif second in segments[segment]:
            left.append((path, COPY))
        else:
            segments[segment][second] = path
    further = _further(root, tree)
    recordings = []
    for done, (segment, paths) in enumerate(sorted(segments.items()), start=1):
        whole = paths.pop(None, None)
        slices = [Slice(path=path, start_s=second or 0) for second, path in paths.items()]
        if whole:
            left += [(piece.path, COPY) for piece in slices]
            recordings.append(_recording(whole, segment, further.get(_name(whole), ())))
        elif slices:
            home = PurePosixPath(slices[0].path).parent.parent
            stretches, unfit = put_together(root, slices, home=str(home))
            left += unfit
            for stretch in stretches:
                first = _name(stretch.first.path)
                recordings.append(_recording(stretch.path, segment, further.get(first, ())))
            progress("putting segments together", done, len(segments))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _listed(root: Path, tree: Tree) -> tuple[_Listed, list[tuple[str, str]]]:
    """The audio files that are named like TAU's or that a table lists, and what can't be used."""
    listed: _Listed = {}
    left: list[tuple[str, str]] = []
    seen = set()
    for table in tree.tables("meta.csv"):
        rows = read_rows(root / table, ("filename",), cure="take DCASE's own file")
        labelled = any(row.get("scene_label") for _, row in rows)
        if not labelled:
            left.append((table, NO_LABELS))
        for _, row in rows:
            expected = PurePosixPath(table).parent / row["filename"]
            path = tree.audio_file(expected.name, folder=str(expected.parent))
            seen.add(path)
            if not labelled:
                continue
            if path is None:
                left.append((str(expected), MISSING))
            elif what := _what(expected.stem, row):
                listed[path] = what
            else:
                left.append((path, UNKNOWN))
    for path in tree.audio:
        if path in seen:
            continue
        if what := _what(_name(path), {}):
            listed[path] = what
        else:
            left.append((path, UNKNOWN))
    return listed, left


def _what(stem: str, row: Mapping[str, str]) -> tuple[_Segment, int | None] | None:
    """What a name and the line of a table say of a file; None if that isn't enough."""
    name = _NAME.fullmatch(stem)
    told = name.groupdict(default="") if name else {"number": stem, "second": ""}
    for key, column in (
        ("scene", "scene_label"),
        ("place", "identifier"),
        ("device", "source_label"),
    ):
        told[key] = row.get(column) or told.get(key, "")
    second = told.pop("second")
    if told["scene"] not in (*_TYPES, *_CROWDS) or not told["place"]:
        return None
    return _Segment(**told), int(second) if second else None


def _further(root: Path, tree: Tree) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """By name of the file: its part in DCASE's split, and the smallest training set that has it."""
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column, value in (
        *((f"split{percent}.csv", "smallest_subset", f"{percent}") for percent in _PERCENT),
        *((table, "fold1", part) for table, part in _FOLDS.items()),
    ):
        for path in tree.tables(table):
            for _, row in read_rows(root / path, ("filename",), cure="take DCASE's own file"):
                columns[_name(row["filename"])].setdefault(column, value)
    return {name: tuple(values.items()) for name, values in columns.items()}


def _name(path: str) -> str:
    """A file's name without suffix."""
    return PurePosixPath(path).stem


def _recording(path: str, segment: _Segment, further: tuple[tuple[str, str], ...]) -> Recording:
    return Recording(
        path=path,
        label="noise",
        type=_TYPES.get(segment.scene, segment.scene),
        domain="urban",
        group=f"tau:{segment.place}",
        origin=f"tau:{segment.place}",
        microphone=segment.device,
        further=(("scene", segment.scene), *further),
    )
