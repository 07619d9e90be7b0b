"""UrbanSound8K: slices of up to 4 s of 10 urban sounds (Salamon, Jacoby and Bello 2014)."""

from collections import defaultdict
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.slices import JOINED, Slice, put_together
from fedasc.corpus.builders.tables import read_rows
from fedasc.corpus.builders.tree import contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError
from fedasc.progress import Progress, quiet

LICENCE = "CC BY-NC 3.0: not for commercial use; FREESOUNDCREDITS.txt names the authors."

MISSING = "listed, but there is no such file"
BACKGROUND = "its sound is in the background, and nobody says what is in front"
VOICES = "children's voices are no noise; see --babble"

_COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "class")
_VOICES = "children_playing"
_CLASSES = {
    "air_conditioner": ("noise", "air_conditioner", "urban"),
    "car_horn": ("noise", "car_horn", "urban"),
    _VOICES: ("noise", _VOICES, "urban"),
    "dog_bark": ("noise", "dog", "domestic"),  # as in ESC-50
    "drilling": ("noise", "drilling", "urban"),
    "engine_idling": ("noise", "engine_idling", "urban"),
    "gun_shot": ("noise", "gun_shot", "urban"),
    "jackhammer": ("noise", "jackhammer", "urban"),
    "siren": ("noise", "siren", "urban"),
    "street_music": ("music", "street_music", ""),
}


def build_urbansound8k(root: Path, *, babble: bool = False, progress: Progress = quiet) -> Build:
    """The stretches of Freesound's recordings that UrbanSound8K's slices cover.

    A slice lasts 4 s at most, and a recording must last 5 s. But most slices overlap others of the
    same occurrence, half a second apart, and the table says where each starts: such are put
    together (`put_together`), in a folder `joined` beside `audio`, and the others left out.

    Slices of one recording on Freesound are one group. What isn't in the foreground (salience 2)
    is left out, and so are children's voices unless asked for.

    Args:
        root: The folder UrbanSound8K, one above, or one with its table and the folders of folds.
        babble: Take children's voices as noise too.
        progress: Told how many occurrences have been put together.

    Raises:
        CorpusError: If the table is missing, or a line can't be used.
        FedascError: If there is no room to put slices together.
    """
    tree = tree_of(root, without=JOINED)
    tables = tree.tables("UrbanSound8K.csv")
    if not tables:
        raise CorpusError(
            f"{root}: expected metadata/UrbanSound8K.csv and audio/fold1 to fold10; "
            f"{contents(root)}"
        )
    table = PurePosixPath(tables[0])
    home = table.parent.parent if table.parent.name == "metadata" else table.parent
    occurrences: dict[tuple[str, str, str, str], list[Slice]] = defaultdict(list)
    left = []
    cure = "take UrbanSound8K's own file"
    for line, row in read_rows(root / table, _COLUMNS, numbers=("start", "end"), cure=cure):
        expected = home / "audio" / f"fold{row['fold']}" / row["slice_file_name"]
        path = tree.audio_file(expected.name, folder=str(expected.parent))
        start_s = _seconds(row["start"])
        if row["class"] not in _CLASSES or row["salience"] not in {"1", "2"} or start_s is None:
            raise CorpusError(
                f"{root / table}, line {line}: expected a start in seconds, a salience of 1 or 2 "
                f"and one of {', '.join(_CLASSES)}, got {row['start']!r}, {row['salience']!r} and "
                f"{row['class']!r}"
            )
        if path is None:
            left.append((str(expected), MISSING))
        elif row["salience"] == "2":
            left.append((path, BACKGROUND))
        elif row["class"] == _VOICES and not babble:
            left.append((path, VOICES))
        else:
            # of an occurrence, since what two have in common may not be what either is called
            occurrence = expected.stem.rpartition("-")[0]
            key = (row["fsID"], row["class"], row["fold"], occurrence)
            occurrences[key].append(Slice(path=path, start_s=start_s))
    recordings = []
    for done, ((original, name, fold, _), slices) in enumerate(occurrences.items(), start=1):
        stretches, unfit = put_together(root, slices, home=str(home))
        left += unfit
        label, kind, domain = _CLASSES[name]
        recordings += [
            Recording(
                path=stretch.path,
                label=label,
                type=kind,
                domain=domain,
                group=f"freesound:{original}",
                origin=f"freesound:{original}",
                duration_s=stretch.duration_s,
                further=(("fold", fold),),
            )
            for stretch in stretches
        ]
        progress("putting slices together", done, len(occurrences))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None
