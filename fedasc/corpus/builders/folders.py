"""Folders of your own: one per label, in it one per type, in it one per group."""

import os
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.recordings import LABELS, Recording
from fedasc.errors import CorpusError

LICENCE = "As you say: the recordings are yours."

_AUDIO = {".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"}


def build_folders(root: Path) -> Build:
    """List the audio files in the folders noise, music and speech.

    The first level below a label is the type, the second the group, and deeper levels belong to
    the group: noise/rain/garden/a.wav and noise/rain/garden/may/b.wav are one group of rain. A
    file without a group's folder is a group of its own, and one without a type's folder is of a
    type named like its label. Domains have no folder and stay empty.

    Hidden files and folders are passed over; what else isn't audio, by its suffix, is left out.

    Args:
        root: The folder that holds noise, music or speech, or several of them.

    Raises:
        CorpusError: If none of the three folders is there.
    """
    if not any((root / label).is_dir() for label in LABELS):
        raise CorpusError(f"{root}: expected a folder {', '.join(LABELS[:-1])} or {LABELS[-1]}")
    recordings = []
    left = []
    for entry in sorted(root.iterdir()):
        if entry.name not in LABELS or not entry.is_dir():
            if not entry.name.startswith("."):
                left.append((entry.name, f"none of the folders {', '.join(LABELS)}"))
            continue
        for name in _files(entry):
            if name.suffix.lower() in _AUDIO:
                recordings.append(_recording(name))
            else:
                left.append((str(name), "not an audio file, by its suffix"))
    return Build(
        recordings=tuple(sorted(recordings, key=attrgetter("path"))),
        licence=LICENCE,
        left=tuple(left),
    )


def _files(folder: Path) -> list[PurePosixPath]:
    """The files below a folder that aren't hidden, relative to the folder's parent."""
    paths = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(place).relative_to(folder.parent)
        paths += [PurePosixPath(below / name) for name in names if not name.startswith(".")]
    return sorted(paths)


def _recording(name: PurePosixPath) -> Recording:
    label, *types = name.parts[:-1][:2]
    return Recording(
        path=str(name),
        label=label,
        type=types[0] if types else label,
        group="/".join(name.parts[:3]),
    )
