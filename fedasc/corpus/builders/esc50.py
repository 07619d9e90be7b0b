"""ESC-50: 2000 clips of 5 s of 50 environmental sounds (Piczak 2015)."""

import csv
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path

from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import Recording
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

    Args:
        root: The folder ESC-50 or ESC-50-master, or the one that holds it.

    Raises:
        CorpusError: If meta/esc50.csv is missing, lacks a column, or a line can't be used.
    """
    homes = (root, root / "ESC-50", root / "ESC-50-master")
    home = next((home for home in homes if (home / "meta" / "esc50.csv").is_file()), None)
    if home is None:
        raise CorpusError(f"{root}: expected meta/esc50.csv; give the unpacked ESC-50")
    recordings = []
    left = []
    for row in _lines(home / "meta" / "esc50.csv"):
        path = home / "audio" / row["filename"]
        name = path.relative_to(root).as_posix()
        if path.is_file():
            recordings.append(_recording(name, row))
        else:
            left.append((name, "listed, but there is no such file"))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _lines(meta: Path) -> list[Mapping[str, str]]:
    """The checked lines of the table of clips."""
    try:
        with meta.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            columns = reader.fieldnames or ()
            rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{meta}: not a CSV file in UTF-8 ({error})") from error
    if missing := [name for name in _COLUMNS if name not in columns]:
        raise CorpusError(
            f"{meta}: lacks the column(s) {', '.join(missing)}; take ESC-50's own file"
        )
    for line, row in rows:
        if empty := [name for name in _COLUMNS if not row[name]]:
            raise CorpusError(f"{meta}, line {line}: {empty[0]} is empty; take ESC-50's own file")
        if row["category"] not in _DOMAIN_OF:
            raise CorpusError(
                f"{meta}, line {line}: unknown category {row['category']!r}; use one of "
                f"{', '.join(sorted(_DOMAIN_OF))}"
            )
    return [row for _, row in rows]


def _recording(name: str, row: Mapping[str, str]) -> Recording:
    category, original = row["category"], f"freesound:{row['src_file']}"
    return Recording(
        path=name,
        label="noise",
        type=_RENAMED.get(category, category),
        group=original,
        domain=_DOMAIN_OF[category],
        origin=original,
        further=(
            ("fold", row["fold"]),
            ("licence", "CC BY 3.0" if row["esc10"] == "True" else "CC BY-NC 3.0"),
        ),
    )
