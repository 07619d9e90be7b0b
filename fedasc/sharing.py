"""Modes of what is kept: those of the cache's root, so that a group can share all of it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FOLDER = 0o2777  # with the bit that hands the group on
_FILE = 0o666


def share(path: Path, *, like: Path) -> None:
    """Give a file, or a folder and all in it, the group and the modes of another folder.

    The root of a cache that a group shares has the group's name and `chmod g+rwxs`. What belongs to
    somebody else is left as it is.
    """
    model = like.stat()
    for one in (path, *_within(path)):
        with suppress(OSError):
            state = one.stat()
            bits = _FOLDER if stat.S_ISDIR(state.st_mode) else _FILE
            if state.st_gid != model.st_gid:
                with suppress(PermissionError):  # not this user's group
                    os.chown(one, -1, model.st_gid)
            if stat.S_IMODE(state.st_mode) != model.st_mode & bits:
                one.chmod(model.st_mode & bits)


def is_private(folder: Path) -> bool:
    """Whether nobody but this user, and who may do everything, can put a file there."""
    state = folder.stat()
    return state.st_uid == os.getuid() and not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _within(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        yield from (Path(place, name) for name in (*folders, *files))
