"""MUSAN: music, speech and noise (Snyder, Chen and Povey 2015)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.audio.files import length_s
from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.tree import contents, tree_of
from fedasc.corpus.recordings import Recording
from fedasc.corpus.tables import truth
from fedasc.errors import CorpusError

LICENCE = (
    "The collection is CC BY 4.0; each file is in the public domain or under a Creative Commons "
    "licence, see the LICENSE files beside them."
)

_SOURCES = {
    "music": ("fma", "fma-western-art", "hd-classical", "jamendo", "rfm"),
    "noise": ("free-sound", "sound-bible"),
    "speech": ("librivox", "us-gov"),
}
_CLASSICAL_SOURCES = ("fma-western-art", "hd-classical")

# MUSAN's genres are whatever the artists called them; these are the ones that fedasc knows.
_GENRES = {
    "blues": ("blues",),
    "classical": ("classical", "westernart", "medieval", "renaissance", "baroque", "romantic"),
    "country": ("country", "bluegrass", "americana"),
    "electronic": (
        *("electronic", "electronica", "ambient", "dance", "downtempo", "drumandbass", "dubstep"),
        *("house", "idm", "techno", "trance"),
    ),
    "folk": ("folk", "singersongwriter"),
    "hip_hop": ("hiphop", "rap"),
    "jazz": ("jazz", "bebop", "swing"),
    "latin": ("latin", "bossanova", "salsa", "samba", "tango"),
    "pop": ("pop", "synthpop"),
    "reggae": ("reggae", "dub", "ska"),
    "rock": ("rock", "grunge", "indierock", "metal", "punk"),
}
_GENRE_OF = {name: genre for genre, names in _GENRES.items() for name in names}
_UNKNOWN = "other"

_NAME = re.compile(r"(?:music|noise|speech)-[a-z-]+-\d{4}(?!\d)")

UNREADABLE = "not a readable audio file, or empty"
MISSING = "annotated, but there is no such file"
WHOLE = "a file that is there already, or a piece of one"

_Further = Mapping[str, str]


@dataclass(frozen=True)
class _Original:
    """A file as MUSAN publishes it."""

    label: str
    source: str
    name: str


def build_musan(root: Path) -> Build:
    """List the recordings of MUSAN, or of those of its sources that are there.

    The type of speech is its source, the type of music the first genre of its annotation that
    fedasc knows, and the type of noise `musan_` and its source, as nobody annotated more. MUSAN
    doesn't publish who speaks, so each file of speech is a group of its own, and a speaker may
    stand on both sides of a split. Music of one artist is one group.

    Files may have any suffix. Pieces that somebody cut do in place of a file, in a folder that has
    its name (musan_split) or with more behind its name; they are of one group, and may overlap.
    Annotations may lie beside the whole files only.

    Args:
        root: The folder musan or musan_split, or one above.

    Raises:
        CorpusError: If no source is there, or a line of an annotation can't be used.
    """
    tree = tree_of(root)
    originals = {path: original for path in tree.files if (original := _original(path))}
    if not originals:
        raise CorpusError(
            f"{root}: expected MUSAN's folders, such as speech/librivox; give the unpacked musan; "
            f"{contents(root)}"
        )
    annotated: dict[_Original, _Further] = {}
    audio = [path for path in tree.audio if path in originals]
    there = {originals[path] for path in audio}
    left = []
    for path in tree.tables("ANNOTATIONS"):
        if path in originals:
            annotations = _annotations(root / path, originals[path])
            annotated |= annotations
            folder = PurePosixPath(path).parent
            missing = [original.name for original in annotations if original not in there]
            left += [(str(folder / f"{name}.wav"), MISSING) for name in missing]
    recordings = []
    wholes = set()
    for path in sorted(audio, key=lambda path: (_is_piece(path, originals[path]), path)):
        original = originals[path]
        if original in wholes:
            left.append((path, WHOLE))
        elif duration_s := length_s(root / path):
            further = annotated.get(original, {})
            recordings.append(_recording(path, original, duration_s=duration_s, further=further))
            if not _is_piece(path, original):
                wholes.add(original)
        else:
            left.append((path, UNREADABLE))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(sorted(left)),
    )


def _original(path: str) -> _Original | None:
    """Which of MUSAN's files a path names, or a piece of it; None outside its folders."""
    parts = PurePosixPath(path).parts
    for label, source, name in zip(parts, parts[1:], parts[2:], strict=False):
        if source in _SOURCES.get(label, ()):
            stem = PurePosixPath(name).stem
            published = _NAME.match(stem)
            return _Original(label, source, published[0] if published else stem)
    return None


def _is_piece(path: str, original: _Original) -> bool:
    return PurePosixPath(path).stem != original.name


def _annotations(path: Path, place: _Original) -> dict[_Original, _Further]:
    """What is annotated of each file of a source; nothing of noise and of speech from us-gov."""
    columns = {"music": ("genres", "vocals", "artist"), "speech": ("gender", "language")}.get(
        place.label
    )
    if columns is None:
        return {}
    annotations: dict[_Original, _Further] = {}
    # a letter that isn't UTF-8 can only stand in an artist's name
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if not (words := line.split()):
            continue
        name, *values = words  # after an artist may come a composer, which isn't used
        if len(values) < len(columns) or ("vocals" in columns and truth(values[1]) is None):
            raise CorpusError(
                f"{path}, line {number}: expected a file's name, {', '.join(columns)}"
                f"{' (vocals Y or N)' if 'vocals' in columns else ''}, got {line!r}"
            )
        original = _Original(place.label, place.source, name)
        annotations[original] = dict(zip(columns, values, strict=False))
    return annotations


def _recording(
    path: str, original: _Original, *, duration_s: float, further: _Further
) -> Recording:
    source, label = original.source, original.label
    kind = source.replace("-", "_")
    if label == "noise":
        kind = f"musan_{kind}"
    elif label == "music":
        kind = "classical" if source in _CLASSICAL_SOURCES else _genre(further.get("genres", ""))
    return Recording(
        path=path,
        label=label,
        type=kind,
        group=further.get("artist", original.name),
        duration_s=duration_s,
        further=tuple(further.items()),
    )


def _genre(annotated: str) -> str:
    """The first known one of genres between commas; hip-hop, Hip_Hop and hiphop are the same."""
    names = ("".join(filter(str.isalnum, name)).lower() for name in annotated.split(","))
    return next((_GENRE_OF[name] for name in names if name in _GENRE_OF), _UNKNOWN)
