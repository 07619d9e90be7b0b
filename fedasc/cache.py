"""What is made once and kept: folders on shelves, named by all that makes their content.

A key holds what goes in and the code that makes it: the modules that a shelf names and all of
fedasc's that they import, and the versions of Python and of the libraries among them. So what
another version has left is made anew. How a folder came about stands in it, see `ORIGIN`, and
what its files were then, see `fedasc.seal`: nothing is handed out that isn't as it was made.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from filelock import Timeout

from fedasc.code import code_of
from fedasc.config import as_json, fingerprint
from fedasc.drafts import draft_of, lock_of, sweep
from fedasc.errors import CacheError
from fedasc.places import cache_root
from fedasc.seal import damage, seal, state_of
from fedasc.sharing import share
from fedasc.storage import told

ORIGIN = "origin.json"
"""File in each folder that says how it came about: its shelf, what went in, code and versions."""

LAYOUT = 1
"""Raise it when folders of other layouts, an earlier one had no seals, are no longer understood."""

_log = logging.getLogger(__name__)


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
            "layout": LAYOUT,
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
        """Where it stands if it was made; `made` and its like say that it is whole."""
        return cache_root() / self.kind / self.key

    @property
    def is_made(self) -> bool:
        """Whether it is there and whole; what is damaged is set aside."""
        return self._is_whole()

    @told(cache_root)
    def made(self, make: Callable[[Path], None]) -> Path:
        """The folder, whole, made now if it isn't there or is damaged.

        It appears whole or not at all: it is made under another name, sealed and renamed. When two
        processes make the same one, the first to finish wins.

        Args:
            make: Fills a folder that holds nothing but its origin.

        Raises:
            CacheError: If it is damaged and can't be set aside.
        """
        folder = self.folder
        if not self._is_whole():
            self._make_room()
            draft = draft_of(folder, alone=True)
            lock = lock_of(draft)
            lock.acquire()  # tells those who tidy up that somebody is at it
            try:
                self._begin(draft)
                make(draft)
                self._end(draft)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                lock.release()
                Path(lock.lock_file).unlink(missing_ok=True)
        return folder

    @told(cache_root)
    def made_in_steps(
        self,
        make: Callable[[Path], None],
        *,
        pieces: Collection[str] = (),
        damaged: Callable[[Path], str] = lambda folder: "",
    ) -> Path:
        """Like `made`, for what takes long: what an interruption leaves is there for the next call.

        Only one process at a time makes it; others wait.

        Args:
            make: Fills a folder that holds its origin, and what an earlier call left or what was
                set aside, of which it trusts nothing that it hasn't checked.
            pieces: Large files that hold checksums of pieces elsewhere; see `fedasc.seal.seal`.
            damaged: Says in words what is wrong with these, if anything is.

        Raises:
            CacheError: If it is damaged and can't be set aside.
        """
        folder = self.folder
        if not self._is_whole(damaged, in_steps=True):
            self._make_room()
            draft = draft_of(folder, alone=False)
            lock = lock_of(draft)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                _log.warning("waiting for another process that makes the same %s", self.kind)
                lock.acquire()
            try:
                if not state_of(folder):
                    self._begin(draft)
                    make(draft)
                    self._end(draft, pieces=pieces)
                Path(lock.lock_file).unlink(missing_ok=True)  # who waits finds it made
            except BaseException:
                share(draft, like=cache_root())  # others may go on with it
                raise
            finally:
                lock.release()
        return folder

    def opened(self) -> Path:
        """The folder, whole, of what was made before.

        Raises:
            CacheError: If it isn't there any more, or is damaged.
        """
        if not self._is_whole():
            raise CacheError(
                f"{self.folder}: was removed or damaged in the midst of the work; run the same "
                "command again, which makes it anew"
            )
        return self.folder

    def _is_whole(
        self, damaged: Callable[[Path], str] = lambda folder: "", *, in_steps: bool = False
    ) -> bool:
        """Whether it is there and whole; then the time of its folder says when it was asked for.

        Its files are read whole unless this process has read them as they are.
        """
        if not (state := state_of(self.folder)):
            return False
        if _checked.get((self.key, in_steps)) != hash(state):
            what = damage(self.folder) or damaged(self.folder)
            if state_of(self.folder) != state:  # others have set it aside and perhaps made it
                return self._is_whole(damaged, in_steps=in_steps)
            if what:
                set_aside(self.folder, what, in_steps=in_steps)
                return False
            _checked[self.key, in_steps] = hash(state)
        with suppress(OSError):  # where nothing can be written, nothing is tidied up either
            os.utime(self.folder)
        return True

    def _make_room(self) -> None:
        """The folder of its shelf, without what the dead have left."""
        shelf = self.folder.parent
        if not shelf.is_dir():
            shelf.mkdir(parents=True, exist_ok=True)
            share(shelf, like=cache_root())
        _sweep_once(shelf)

    def _begin(self, draft: Path) -> None:
        draft.mkdir(exist_ok=True)
        text = json.dumps(self.origin, indent=1, sort_keys=True)
        (draft / ORIGIN).write_text(f"{text}\n", encoding="utf-8")

    def _end(self, draft: Path, *, pieces: Collection[str] = ()) -> None:
        seal(draft, pieces=pieces)
        share(draft, like=cache_root())
        state = state_of(draft)
        try:
            draft.rename(self.folder)
        except OSError:
            if self.is_made:  # somebody was first
                return
            draft.rename(self.folder)
        for in_steps in (False, True):
            _checked[self.key, in_steps] = hash(state)


_checked: dict[tuple[str, bool], int] = {}
"""Hashes of the state of entries that this process has found whole or made.

By key, and by whether pieces of large files were looked at too.
"""

_sweep_once = cache(sweep)  # a look at all names of a shelf takes a while


def set_aside(folder: Path, what: str, *, in_steps: bool = False) -> None:
    """Take a damaged entry from its shelf, so that it is made anew.

    Args:
        folder: The entry's.
        what: What is wrong with it, in words.
        in_steps: Whether what is whole of it is kept for who makes it anew.

    Raises:
        CacheError: If it can't be moved.
    """
    try:
        aside = draft_of(folder, alone=not in_steps)
        if in_steps and aside.exists():
            aside = draft_of(folder, alone=True)
        folder.rename(aside)
    except FileNotFoundError:  # somebody was first
        return
    except OSError as error:
        raise CacheError(
            f"{folder}: damaged ({what}), and can't be set aside ({error.strerror}); remove it, or "
            "set FEDASC_CACHE to a folder of your own"
        ) from error
    # Processes that work side by side are silent below an error.
    _log.error("%s: damaged (%s); set aside, to be made anew", folder, what)
    if aside != draft_of(folder, alone=False):
        shutil.rmtree(aside, ignore_errors=True)
