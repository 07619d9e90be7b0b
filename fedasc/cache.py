"""What is made once and kept: folders named by the content of what made them."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

_log = logging.getLogger(__name__)


def cache_root() -> Path:
    """The user's cache folder, or where `FEDASC_CACHE` points."""
    return Path(os.environ.get("FEDASC_CACHE") or platformdirs.user_cache_path("fedasc"))


def cached(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder of a kind and key, made now if it isn't there.

    A folder appears whole or not at all: it is made under another name and renamed. When two
    processes make the same one, the first to finish wins.

    Args:
        kind: Name of the shelf, for example pool.
        key: Fingerprint of everything that the content depends on.
        make: Fills an empty folder.
    """
    folder = cache_root() / kind / key
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=folder.parent))
    try:
        make(draft)
        with suppress(OSError):  # somebody else was first
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def cached_in_steps(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Like `kept`, for what takes long: what an interruption leaves is there when `make` goes on.

    Only one process at a time makes it; others wait.

    Args:
        make: Fills a folder that is empty or holds what an earlier, interrupted call left.
    """
    folder = cache_root() / kind / key
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{key}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _log.warning("waiting for another process that makes the same %s", kind)
        lock.acquire()
    try:
        if not folder.is_dir():
            draft = folder.with_name(f".{key}.draft")
            draft.mkdir(exist_ok=True)
            make(draft)
            draft.rename(folder)
    finally:
        lock.release()
    return folder
