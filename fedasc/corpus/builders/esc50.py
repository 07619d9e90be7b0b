"""ESC-50: 2000 clips of 5 s of 50 environmental sounds (Piczak 2015)."""

from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.tables import read_rows
from fedasc.corpus.builders.tree import contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.corpus.tables import truth
from fedasc.errors import CorpusError

LICENCE = "CC BY-NC 3.0: not for commercial use; the clips of ESC-10 are CC BY 3.0."

_COLUMNS = ("filename", "fold", "category", "esc10", "src_file")

# fmt: off
_CATEGORIES = {
    "domestic": (
        "breathing", "brushing_teeth", "can_opening", "cat", "clock_alarm", "clock_tick",
        "coughing", "crying_baby", "dog", "door_wood_creaks", "door_wood_knock",
        "drinking_sipping", "glass_breaking", "keyboard_typing", "laughing", "mouse_click",
        "pouring_water", "sneezing", "snoring", "toilet_flush", "vacuum_cleaner",
        "washing_machine", "water_drops",
    ),
    "nature": (
        "chirping_birds", "cow", "crackling_fire", "crickets", "crow", "frog", "hen", "insects",
        "pig", "rain", "rooster", "sea_waves", "sheep", "thunderstorm", "wind",
    ),
    "urban": (
        "airplane", "car_horn", "chainsaw", "church_bells", "clapping", "engine", "fireworks",
        "footsteps", "hand_saw", "helicopter", "siren", "train",
    ),
}
# fmt: on
_DOMAIN_OF = {name: domain for domain, names in _CATEGORIES.items() for name in names}

# The same sound under the name that fedasc's data sets have for it.
_RENAMED = {
    "chirping_birds": "bird_song",
    "crackling_fire": "fire",
    "crickets": "cricket",
    "hand_saw": "sawing",
    "keyboard_typing": "typing",
    "sea_waves": "ocean",
}


def build_esc50(root: Path) -> Build:
    """List the clips of ESC-50; all are noise, and those of one original are one group.

    The audio is looked for by name below the folder, of any suffix: in `audio` first.

    Args:
        root: The folder ESC-50 or ESC-50-master, or one above; or one with esc50.csv and clips.

    Raises:
        CorpusError: If esc50.csv is missing, lacks a column, or a line can't be used.
    """
    tree = tree_of(root)
    tables = tree.tables("esc50.csv")
    if not tables:
        raise CorpusError(
            f"{root}: expected meta/esc50.csv; give the unpacked ESC-50; {contents(root)}"
        )
    table = PurePosixPath(tables[0])
    home = table.parent.parent if table.parent.name == "meta" else table.parent
    recordings = []
    left = []
    for line, row in read_rows(root / table, _COLUMNS, cure="take ESC-50's own file"):
        if row["category"] not in _DOMAIN_OF:
            raise CorpusError(
                f"{root / table}, line {line}: unknown category {row['category']!r}; use one of "
                f"{', '.join(sorted(_DOMAIN_OF))}"
            )
        expected = home / "audio" / row["filename"]
        path = tree.audio_file(row["filename"], folder=str(expected.parent))
        if path:
            recordings.append(_recording(path, row))
        else:
            left.append((str(expected), "listed, but there is no such file"))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _recording(name: str, row: Mapping[str, str]) -> Recording:
    category = row["category"]
    original = f"freesound:{row['src_file'].removesuffix('.0')}"  # pandas may make floats of them
    if (is_esc10 := truth(row["esc10"])) is None:
        raise CorpusError(f"{name}: esc10 must be True or False, got {row['esc10']!r}")
    return Recording(
        path=name,
        label="noise",
        type=_RENAMED.get(category, category),
        group=original,
        domain=_DOMAIN_OF[category],
        origin=original,
        further=(
            ("fold", row["fold"]),
            ("licence", "CC BY 3.0" if is_esc10 else "CC BY-NC 3.0"),
        ),
    )
