"""Folders of your own: one per label, in it one per type, in it one per group."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path, PurePosixPath

from fedasc.corpus.builders.build import Build
from fedasc.corpus.builders.naming import AS_NAMED, Naming, is_about
from fedasc.corpus.builders.tree import AUDIO_SUFFIXES
from fedasc.corpus.builders.words import label_in
from fedasc.corpus.contents import MISSING, digests
from fedasc.corpus.names import misnamed
from fedasc.corpus.recordings import Recording
from fedasc.errors import CorpusError, SettingsError, printable

LICENCE = "As you say: the recordings are yours."

_ROOT = "the folder itself"


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Args:
        recordings: Ordered by path, which is relative to the folder.
        unlabelled: Folders whose names say no label, and how many audio files are in each.
        others: Further files, and why they are no recordings.
    """

    recordings: tuple[Recording, ...]
    unlabelled: Mapping[str, int]
    others: tuple[tuple[str, str], ...]


def build_folders(root: Path, naming: Naming = AS_NAMED) -> Build:
    """List the audio files in folders whose names say noise, music or speech.

    Names are understood in several languages, on the first level or the second. The level below a
    label is the type, the next one the group, and deeper levels belong to the group:
    noise/rain/garden/a.wav and noise/rain/garden/may/b.wav are one group of rain. A file without a
    group's folder is a group of its own, and one without a type's folder is of a type named like
    its label's. Domains have no folder and stay empty. What holds the same as another file, by
    another name or in another folder, has one origin with it.

    Hidden files and folders are passed over; what else isn't audio, by its suffix, is left out.

    Raises:
        CorpusError: If there are no recordings.
        SettingsError: If names that were given occur nowhere.
    """
    listing = list_folder(root, naming)
    if not listing.recordings:
        what = unlabelled_in_words(listing.unlabelled) if listing.unlabelled else "no audio files"
        raise CorpusError(f"{root}: no folder's name says noise, music or speech; {what}")
    nowhere = tuple(
        (name, f"{n} audio files; no folder's name says noise, music or speech")
        for name, n in listing.unlabelled.items()
    )
    return Build(recordings=listing.recordings, licence=LICENCE, left=nowhere + listing.others)


def list_folder(root: Path, naming: Naming = AS_NAMED) -> Listing:
    """What a folder holds; see `build_folders`.

    Levels on which there is a single folder and no file don't count. Where no folder in it says a
    label, its own name may.

    Raises:
        CorpusError: If a folder can't be read.
        SettingsError: If names that were given occur nowhere.
    """
    files = []
    others = []
    for name in _files(root):
        if name.suffix.lower() in AUDIO_SUFFIXES:
            files.append(name)
        else:
            others.append((str(name), "not an audio file, by its suffix"))
    shared = os.path.commonpath([file.parent for file in files]) if files else ""
    n_above = len(PurePosixPath(shared).parts)
    places = [naming.place(file.parts[:-1], n_above) for file in files]
    above: tuple[str, ...] = ()
    if files and not any(label for label, _ in places) and label_in(root.resolve().name):
        above = (root.resolve().name,)
        places = [naming.place((*above, *file.parts[:-1])) for file in files]
    recordings = []
    without = []
    for file, (label, level) in zip(files, places, strict=True):
        if not label:
            without.append(file)
            continue
        parts = (*above, *file.parts)
        group = naming.group_of(str(file)) or "/".join(parts[: level + 2])
        kind = parts[level].strip()
        recording = Recording(path=str(file), label=label, type=kind, group=group)
        if flaw := misnamed(recording):
            others.append((str(file), flaw))
        else:
            recordings.append(recording)
    _check_used(root, naming, files)
    return Listing(
        _with_origins(sorted(recordings, key=attrgetter("path")), root),
        _by_folder(without),
        tuple(others),
    )


def unlabelled_in_words(
    unlabelled: Mapping[str, int], label: str = "noise", *, n_listed: int = 10
) -> str:
    """Folders that say no label, how many files each holds, and what to do.

    Args:
        label: For the example.
    """
    names = [f"{printable(name)} ({n} audio files)" for name, n in unlabelled.items()]
    more = [f"{len(names) - n_listed} more"] if len(names) > n_listed else []
    first = next((name for name in unlabelled if name != _ROOT), None)
    cure = (
        f"say what is what, such as --label '{first}={label}' (to fedasc run, users or corpus "
        "check; for other commands, fedasc corpus build folders writes a manifest)"
        if first
        else "move them into folders called noise, music and speech"
    )
    return f"there are {', '.join(names[:n_listed] + more)}; {cure}"


def _files(root: Path) -> Iterator[PurePosixPath]:
    """The files below a folder that aren't hidden, relative to it; links are followed."""

    def below(place: Path, above: frozenset[str]) -> Iterator[PurePosixPath]:
        try:
            entries = sorted(place.iterdir())
        except OSError as error:
            raise CorpusError(f"{place}: can't be read ({error.strerror})") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not entry.is_dir():
                yield PurePosixPath(entry.relative_to(root))
            elif (real := os.path.realpath(entry)) not in above:  # else it leads back
                yield from below(entry, above | {real})

    return below(root, frozenset({os.path.realpath(root)}))


def _with_origins(recordings: Sequence[Recording], root: Path) -> tuple[Recording, ...]:
    """Recordings whose origin is what their files hold: copies of one belong together."""
    contents = digests([root / one.path for one in recordings], owner=root / "manifest.csv")
    return tuple(
        one if content == MISSING else replace(one, origin=f"content:{content}")
        for one, content in zip(recordings, contents, strict=True)
    )


def _by_folder(files: Sequence[PurePosixPath]) -> Mapping[str, int]:
    """How many files each folder holds, of the first level on which there are several."""
    parents = [file.parts[:-1] for file in files]
    deepest = max(map(len, parents), default=0)
    levels = (n for n in range(1, deepest) if len({parent[:n] for parent in parents}) > 1)
    level = next(levels, deepest)
    return Counter("/".join(parent[:level]) or _ROOT for parent in parents)


def _check_used(root: Path, naming: Naming, files: Sequence[PurePosixPath]) -> None:
    folders = {file.parts[:n] for file in files for n in range(1, len(file.parts))}
    for text in naming.labels:
        if not any(is_about(text, folder) for folder in folders):
            held = ", ".join(sorted({folder[0] for folder in folders})) or "none"
            raise SettingsError(f"--label {text}: {root} has no such folder; it has {held}")
    if naming.group and not any(naming.group_of(str(file)) for file in files):
        first = f"; the first is {files[0]}" if files else ""
        raise SettingsError(f"--group {naming.group}: occurs in no path{first}")
