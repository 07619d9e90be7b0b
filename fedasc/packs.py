"""Packs: many small things of one kind in one file of the cache, each made once.

A pack is an entry of the cache with a file of pieces, one behind the other: a signed line that says
what a piece is, and its bytes. Processes that work side by side add to it in turn; who is cut off
leaves a piece that nobody finds, and the next one to add takes its place.
"""

import logging
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from filelock import FileLock

from fedasc.cache import CacheEntry
from fedasc.places import cache_root
from fedasc.seal import content_of, signed
from fedasc.sharing import share
from fedasc.storage import told

_FILE = "pieces"
_LOCK = "lock"
_LONGEST_LINE = 1000
_MOST_PACKS = 16

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Piece:
    """The place of one thing in a pack, whether it is there or not.

    Args:
        pack: Where it stands.
        key: Its name there, by all that it depends on besides what the pack does.
    """

    pack: CacheEntry
    key: str

    @told(cache_root)
    def made(self, make: Callable[[], bytes]) -> bytes:
        """The content, made now if it isn't there or is damaged."""
        contents = _contents(self.pack.made(lambda folder: None) / _FILE)
        content = contents.read(self.key)
        if content is None:
            content = make()
            with suppress(FileNotFoundError):  # somebody has removed the pack meanwhile
                contents.add(self.key, content)
        return content


@dataclass(eq=False)
class _Contents:
    """What this process has seen of a file of pieces. Threads take turns.

    Args:
        path: Of the file.
        places: Where pieces begin, how long they are, and their checksums.
        seen: To which byte it was read.
        file: Which one that was, for it may have been removed and made anew.
        turn: Held by the thread whose turn it is.
    """

    path: Path
    places: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    seen: int = 0
    file: int = 0
    turn: Lock = field(default_factory=Lock)

    def read(self, key: str) -> bytes | None:
        """The content of a piece; None if it isn't there, or damaged."""
        try:
            with self.turn, self.path.open("rb") as file:
                self._look(file)
                if key not in self.places:
                    return None
                first, n_bytes, checksum = self.places[key]
                file.seek(first)
                content = file.read(n_bytes)
        except FileNotFoundError:
            return None
        if zlib.crc32(content) == checksum:
            return content
        self.places.pop(key, None)
        _log.error("%s: a piece is damaged; made anew", self.path)
        return None

    def add(self, key: str, content: bytes) -> None:
        """Put a piece at the end, unless another process has done so."""
        with self.turn, FileLock(self.path.with_name(_LOCK), mode=0o666):
            is_new = not self.path.exists()
            with self.path.open("ab+") as file:
                self._look(file)
                if key in self.places:
                    return
                file.truncate(self.seen)  # what somebody left who was cut off
                line = signed([key, len(content), zlib.crc32(content)])
                file.write(line + content)
            if is_new:
                share(self.path.parent, like=cache_root())

    def _look(self, file: BinaryIO) -> None:
        """See what others have added."""
        state = os.fstat(file.fileno())
        if state.st_ino != self.file or state.st_size < self.seen:
            self.places, self.seen, self.file = {}, 0, state.st_ino
        while self.seen < state.st_size:
            file.seek(self.seen)
            line = file.readline(_LONGEST_LINE)
            try:
                key, n_bytes, checksum = content_of(line)
            except ValueError:
                return
            first = self.seen + len(line)
            if first + n_bytes > state.st_size:
                return
            self.places[key] = first, n_bytes, checksum
            self.seen = first + n_bytes


@lru_cache(maxsize=_MOST_PACKS)
def _contents(path: Path) -> _Contents:
    return _Contents(path)
