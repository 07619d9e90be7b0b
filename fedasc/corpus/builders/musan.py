"""MUSAN: music, speech and noise (Snyder, Chen and Povey 2015)."""

from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path

from fedasc.audio.files import length_s
from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import Recording
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

_Further = Mapping[str, str]


def build_musan(root: Path) -> Build:
    """List the recordings of MUSAN, or of those of its sources that are there.

    The type of speech is its source, the type of music the first genre of its annotation that
    fedasc knows, and the type of noise `musan_` and its source, as nobody annotated more. MUSAN
    doesn't publish who speaks, so each file of speech is a group of its own, and a speaker may
    stand on both sides of a split. Music of one artist is one group.

    Args:
        root: The folder musan, or the one that holds it.

    Raises:
        CorpusError: If no source is there, or a line of an annotation can't be used.
    """
    home = next((h for h in (root, root / "musan") if any(map(Path.is_dir, _folders(h)))), None)
    if home is None:
        raise CorpusError(
            f"{root}: expected MUSAN's folders, such as speech/librivox; give the unpacked musan"
        )
    recordings = []
    left = []
    for folder in filter(Path.is_dir, _folders(home)):
        annotated = _annotations(folder)
        listed = {folder / f"{name}.wav" for name in annotated}
        # an archive that passed through macOS holds hidden ._ files that are no audio
        audio_files = {path for path in folder.glob("*.wav") if not path.name.startswith(".")}
        for path in sorted(audio_files | listed):
            name = path.relative_to(root).as_posix()
            if path not in audio_files:
                left.append((name, "annotated, but there is no such file"))
            elif duration_s := length_s(path):
                further = annotated.get(path.stem, {})
                recordings.append(_recording(name, path, duration_s=duration_s, further=further))
            else:
                left.append((name, "not a readable audio file, or empty"))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _folders(home: Path) -> list[Path]:
    return [home / label / source for label, sources in _SOURCES.items() for source in sources]


def _annotations(folder: Path) -> dict[str, _Further]:
    """What is annotated of each file of a source; nothing of noise and of speech from us-gov."""
    path = folder / "ANNOTATIONS"
    columns = {"music": ("genres", "vocals", "artist"), "speech": ("gender", "language")}.get(
        folder.parent.name
    )
    if columns is None or not path.is_file():
        return {}
    annotations: dict[str, _Further] = {}
    # a letter that isn't UTF-8 can only stand in an artist's name
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if not (words := line.split()):
            continue
        name, *values = words  # after an artist may come a composer, which isn't used
        if len(values) < len(columns) or ("vocals" in columns and values[1] not in {"Y", "N"}):
            raise CorpusError(
                f"{path}, line {number}: expected a file's name, {', '.join(columns)}"
                f"{' (vocals Y or N)' if 'vocals' in columns else ''}, got {line!r}"
            )
        annotations[name] = dict(zip(columns, values, strict=False))
    return annotations


def _recording(name: str, path: Path, *, duration_s: float, further: _Further) -> Recording:
    source, label = path.parent.name, path.parent.parent.name
    kind = source.replace("-", "_")
    if label == "noise":
        kind = f"musan_{kind}"
    elif label == "music":
        kind = "classical" if source in _CLASSICAL_SOURCES else _genre(further.get("genres", ""))
    return Recording(
        path=name,
        label=label,
        type=kind,
        group=further.get("artist", path.stem),
        duration_s=duration_s,
        further=tuple(further.items()),
    )


def _genre(annotated: str) -> str:
    """The first known one of genres between commas; hip-hop, Hip_Hop and hiphop are the same."""
    names = ("".join(filter(str.isalnum, name)).lower() for name in annotated.split(","))
    return next((_GENRE_OF[name] for name in names if name in _GENRE_OF), _UNKNOWN)
