"""The files below a folder, wherever people put them."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from fedasc.errors import CorpusError, printable

AUDIO_SUFFIXES = frozenset(
    {".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".w64", ".wav"}
)

_N_NAMED = 6


@dataclass(frozen=True)
class Tree:
    """Files by their paths relative to a folder, in order.

    Published corpora are unpacked into other folders, copied without theirs, converted and
    resampled; what stays is the name of a file.
    """

    files: tuple[str, ...]

    @cached_property
    def audio(self) -> tuple[str, ...]:
        """The audio files, by their suffix."""
        return tuple(path for path in self.files if _split(path)[1] in AUDIO_SUFFIXES)

    @cached_property
    def _by_stem(self) -> Mapping[str, Sequence[str]]:
        paths: dict[str, list[str]] = defaultdict(list)
        for path in self.audio:
            paths[_split(path)[0]].append(path)
        return paths

    def tables(self, name: str) -> list[str]:
        """The files of this name, in whatever case; those nearest to the top first."""
        ends = f"/{name.lower()}"
        found = [path for path in self.files if f"/{path.lower()}".endswith(ends)]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def audio_file(self, name: str, *, folder: str) -> str | None:
        """The audio file of this name, or of this name but for its suffix.

        Of several the one in its folder counts, else the one nearest to the top.

        Args:
            name: As the corpus lists it.
            folder: Where the corpus has it, relative to the top.
        """

        def rank(path: str) -> tuple[bool, bool, int, str]:
            inside = PurePosixPath(path).parent == PurePosixPath(folder)
            return not inside, not path.endswith(f"/{name}"), path.count("/"), path

        return min(self._by_stem.get(_split(name)[0], ()), key=rank, default=None)


def tree_of(folder: Path, *, without: str = "") -> Tree:
    """The regular files below a folder that aren't hidden; links to folders are followed.

    A folder that holds itself, through links, is entered once.

    Args:
        folder: Where to begin.
        without: Name of folders to pass over.

    Raises:
        CorpusError: If the folder isn't one, or one below it can't be read.
    """
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder; give the one that the corpus is in")
    files = []
    ahead = [("", frozenset[tuple[int, int]]())]
    while ahead:
        below, above = ahead.pop()
        try:
            stat = os.stat(folder / below)
            place = (stat.st_dev, stat.st_ino)
            if place in above:
                continue
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name == without:
                        continue
                    if entry.is_dir():
                        ahead.append((f"{below}{entry.name}/", above | {place}))
                    elif entry.is_file():
                        files.append(below + entry.name)
        except OSError as error:
            raise CorpusError(f"{folder / below}: can't be read ({error.strerror})") from error
    return Tree(tuple(sorted(files)))


def contents(folder: Path) -> str:
    """What a folder holds, in a few words, for who expected something else."""
    names = sorted(
        entry.name + "/" * entry.is_dir()
        for entry in folder.iterdir()
        if not entry.name.startswith(".")
    )
    if not names:
        return "the folder is empty"
    more = f" and {len(names) - _N_NAMED:,} more" if len(names) > _N_NAMED else ""
    shown = ", ".join(names[:_N_NAMED]) + more
    return f"the folder holds {printable(shown)}"


def _split(path: str) -> tuple[str, str]:
    """Name without suffix, and suffix in small letters."""
    stem, suffix = os.path.splitext(path.rpartition("/")[2])
    return stem, suffix.lower()
