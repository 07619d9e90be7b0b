"""Disks that are full or can't be written: what a user can cure, told in one line."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fedasc.errors import SettingsError, StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)


@contextmanager
def told(place: Path | Callable[[], Path] | None = None) -> Iterator[None]:
    """Where something is written, or whatever else may fail for want of room or of leave.

    Args:
        place: What to name, or what tells that; what the error names, if it is nothing.

    Raises:
        StorageError: If there is no room.
        SettingsError: If it isn't allowed, or no place for it.
    """
    try:
        yield
    except OSError as error:
        named = place() if callable(place) else place
        if is_full(error):
            raise StorageError(
                f"{named or error.filename or 'somewhere'}: the disk is full; make room, and the "
                "same command goes on; a run that has begun does with --resume"
            ) from error
        if error.errno in _CLOSED:
            raise SettingsError(
                f"{error.filename or named}: can't be used ({error.strerror}); take another place, "
                "for the cache with FEDASC_CACHE"
            ) from error
        if "usable temporary directory" in str(error):
            raise SettingsError(f"{error.strerror}; set TMPDIR to one that is") from error
        raise


def is_full(error: OSError) -> bool:
    """Whether there was no room; NumPy says so without a number."""
    return error.errno in _FULL or (error.errno is None and "requested and" in str(error))
