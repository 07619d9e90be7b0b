"""Disks that fill up, by a limit on files that every file system call keeps to."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def small_files(n_bytes: int) -> Iterator[None]:
    """Where no file of this process, or of one that it starts, grows larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
