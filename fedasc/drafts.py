"""Drafts: what is made under another name until it is whole, and what dead processes left of it.

A draft that one process makes alone has a name of its own; one that is made in steps has that of
its entry, and the next process goes on with it. Who makes a draft holds its lock.
"""

import re
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

DRAFT = re.compile(r"\.[0-9a-f]{24}(?P<alone>\.[0-9a-f]{32})?\.draft")

_LEAST_AGE_S = 60.0  # whoever has just begun may not hold the lock yet


def draft_of(folder: Path, *, alone: bool) -> Path:
    """Where an entry is made; nobody else's, or that of all who make it in steps."""
    return folder.with_name(f".{folder.name}{f'.{uuid4().hex}' if alone else ''}.draft")


def lock_of(draft: Path) -> FileLock:
    """What a process holds that makes a draft; it is let go when the process dies.

    All who may write in the draft's folder may take it.
    """
    mode = stat.S_IMODE(draft.parent.stat().st_mode) & 0o666
    return FileLock(draft.with_suffix(".lock"), mode=mode | 0o600)


def sweep(shelf: Path) -> None:
    """Remove what dead processes left in a folder of entries, and nobody can go on with."""
    now = time.time()
    for path in sorted(shelf.glob(".*")):
        draft = path.with_suffix(".draft")
        kind = DRAFT.fullmatch(draft.name)
        with suppress(OSError):  # what others removed meanwhile, or only they may remove
            waits = kind and not kind["alone"] and draft.exists()  # for the next process
            if kind and not waits and now - path.stat().st_mtime > _LEAST_AGE_S:
                _remove(draft)


def _remove(draft: Path) -> None:
    """Remove a draft and its lock unless somebody makes it."""
    lock = lock_of(draft)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    try:
        shutil.rmtree(draft, ignore_errors=True)
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
