"""What is made once and kept: folders on shelves, named by all that makes their content.

A key holds what goes in and the code that makes it: the modules that a shelf names and all of
fedasc's that they import, and the versions of Python and of the libraries among them. So what
another version has left is made anew. How a folder came about stands in it, see `ORIGIN`.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import platformdirs
from filelock import FileLock, Timeout

from fedasc.code import code_of
from fedasc.config import as_json, fingerprint
from fedasc.storage import told

ORIGIN = "origin.json"
"""File in each folder that says how it came about: its shelf, what went in, code and versions."""

_log = logging.getLogger(__name__)


def cache_root() -> Path:
    """The user's cache folder, or where `FEDASC_CACHE` points."""
    return Path(os.environ.get("FEDASC_CACHE") or platformdirs.user_cache_path("fedasc"))


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A kind of things that are kept. All shelves stand in `fedasc.shelves`.

    Args:
        kind: Its name, and that of its folder in the cache.
        made_by: Modules that make what stands on it; what they import counts too.
        without: Modules that are imported by these but make nothing of it, or nothing but what
            goes into the keys.
        needs: Shelves whose folders are read again when something of this one is used.
    """

    kind: str
    made_by: tuple[str, ...]
    without: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def entry(self, *inputs: Any, by: Sequence[str] = ()) -> "CacheEntry":
        """The place of one thing, whether it is there or not.

        Args:
            inputs: All that its content depends on besides code: settings, texts, numbers, nests
                of them, and entries that it is made of.
            by: Further modules that make it, for example those of a plug-in; see
                `fedasc.code.modules_of`. They needn't be fedasc's.

        Raises:
            SettingsError: If there is no text of a module.
        """
        others = sorted({*by} - {*self.made_by})
        origin = {
            "kind": self.kind,
            "made_by": self.made_by,
            "without": self.without,
            "by": others,
            "code": asdict(code_of([*self.made_by, *others], without=self.without)),
            "inputs": inputs,
        }
        return CacheEntry(as_json(origin))


@dataclass(frozen=True)
class CacheEntry:
    """The place of one thing on its shelf.

    Args:
        origin: How it comes about, as JSON has it; see `Shelf.entry`.
    """

    origin: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.origin["kind"])

    @cached_property
    def key(self) -> str:
        """Fingerprint of how it comes about."""
        return fingerprint(self.origin)

    @property
    def folder(self) -> Path:
        return cache_root() / self.kind / self.key

    @property
    def is_made(self) -> bool:
        return self.folder.is_dir()

    @told(cache_root)
    def made(self, make: Callable[[Path], None]) -> Path:
        """The folder, made now if it isn't there.

        It appears whole or not at all: it is made under another name and renamed. When two
        processes make the same one, the first to finish wins.

        Args:
            make: Fills a folder that holds nothing but its origin.
        """
        folder = self.folder
        if not self._is_used():
            folder.parent.mkdir(parents=True, exist_ok=True)
            draft = folder.with_name(f".{self.key}.{uuid4().hex}.draft")
            lock = lock_of(draft)
            lock.acquire()  # tells those who tidy up that somebody is at it
            try:
                self._begin(draft)
                make(draft)
                with suppress(OSError):  # somebody else was first
                    draft.rename(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                lock.release()
                Path(lock.lock_file).unlink(missing_ok=True)
        return folder

    @told(cache_root)
    def made_in_steps(self, make: Callable[[Path], None]) -> Path:
        """Like `made`, for what takes long: what an interruption leaves is there for the next call.

        Only one process at a time makes it; others wait.

        Args:
            make: Fills a folder that holds its origin, and what an earlier call left.
        """
        folder = self.folder
        if not self._is_used():
            folder.parent.mkdir(parents=True, exist_ok=True)
            draft = folder.with_name(f".{self.key}.draft")
            lock = lock_of(draft)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                _log.warning("waiting for another process that makes the same %s", self.kind)
                lock.acquire()
            try:
                if not folder.is_dir():
                    self._begin(draft)
                    make(draft)
                    draft.rename(folder)
            finally:
                lock.release()
        return folder

    def _is_used(self) -> bool:
        """Whether it is there; then the time of its folder says when it was last asked for."""
        if not self.is_made:
            return False
        with suppress(OSError):  # where nothing can be written, nothing is tidied up either
            os.utime(self.folder)
        return True

    def _begin(self, draft: Path) -> None:
        draft.mkdir(exist_ok=True)
        text = json.dumps(self.origin, indent=1, sort_keys=True)
        (draft / ORIGIN).write_text(f"{text}\n", encoding="utf-8")


def lock_of(draft: Path) -> FileLock:
    """What a process holds that makes a draft; it is let go when the process dies."""
    return FileLock(draft.with_suffix(".lock"))
