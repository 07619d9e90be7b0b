"""Clips of another machine: each is asked for once, and kept in this machine's own cache."""

import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from fedasc.audio import Signal, Stored
from fedasc.corpus.clips import CLIP_BYTES, CLIP_SAMPLES, ClipFile, as_signal
from fedasc.errors import CacheError
from fedasc.places import cache_root
from fedasc.sharing import share
from fedasc.shelves import LENT
from fedasc.storage import told

_AT_ONCE = 32

Borrow = Callable[[ClipFile, Sequence[int]], NDArray[np.int16]]
"""(n, 160000) clips of a file of another machine, by their numbers."""


@dataclass(frozen=True, eq=False)
class BorrowedClips:
    """Clips of a file that another machine has.

    Where that very file can be seen, over a network, or this machine has decoded the same corpus,
    nothing is borrowed. What is kept is known by the checksums of all clips, and each is compared
    with its own when it is first read, so that what is damaged is borrowed anew.

    Args:
        file: As it lies on the other machine.
        checksums: (n_clips,) the CRC-32 of each.
        borrow: Gets clips from there.
    """

    file: ClipFile
    checksums: NDArray[np.uint32]
    borrow: Borrow

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def n_clips(self) -> int:
        return self.file.n_clips

    def stored(self, index: int) -> Stored:
        """(160000,) int16, read only.

        Raises:
            CacheError: If the other machine has it no longer as it was.
            StorageError: If there is no room for it.
        """
        if self._here is not None:
            return self._here.stored(index)
        self.bring([index])
        clip: Stored = np.asarray(self._samples[index])
        return clip

    def read(self, index: int) -> Signal:
        return as_signal(self.stored(index))

    @told(cache_root)
    def bring(self, indices: Iterable[int]) -> None:
        if self._here is not None:
            return
        missing = [index for index in sorted({*indices}) if not self._is_kept(index)]
        for start in range(0, len(missing), _AT_ONCE):
            with self._lock:
                self._ask_for(missing[start : start + _AT_ONCE])

    def _ask_for(self, indices: Sequence[int]) -> None:
        """Keep those that no other process has brought meanwhile."""
        missing = [index for index in indices if not self._is_kept(index)]
        if not missing:
            return
        clips = self.borrow(self.file, missing)
        with self._kept.open("r+b", buffering=0) as kept:
            for index, clip in zip(missing, clips, strict=True):
                # Not through the map, where a full disk would end the process.
                _write(kept.fileno(), clip.tobytes(), index * CLIP_BYTES)
        for index in missing:
            if not self._is_kept(index):
                raise CacheError(f"{self._kept}: clip {index} came otherwise than it was")

    def _is_kept(self, index: int) -> bool:
        if not self._is_checked[index]:
            crc = zlib.crc32(self._samples[index].data)
            self._is_checked[index] = crc == int(self.checksums[index])
        return bool(self._is_checked[index])

    @cached_property
    def _here(self) -> ClipFile | None:
        """The file itself, or what this machine has decoded of the same corpus."""
        for place in (self.path, cache_root().joinpath(*self.path.parts[-3:])):
            file = ClipFile(place, self.n_clips)
            with suppress(OSError):
                is_whole = place.stat().st_size == self.n_clips * CLIP_BYTES
                if is_whole and np.array_equal(file.checksums, self.checksums):
                    return file
        return None

    @cached_property
    def _kept(self) -> Path:
        """Where borrowed clips are kept, each in its place among all, which take no room."""
        name = blake2b(self.checksums.tobytes(), digest_size=12).hexdigest()
        path = cache_root() / LENT / name / self.path.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.truncate(self.n_clips * CLIP_BYTES)
        share(path.parents[1], like=cache_root())
        return path

    @cached_property
    def _lock(self) -> FileLock:
        """Lets the processes of a machine ask for a clip once."""
        return FileLock(self._kept.with_name("lock"), mode=0o666)  # of all who share the cache

    @cached_property
    def _samples(self) -> NDArray[np.int16]:
        return np.memmap(self._kept, "<i2", mode="r", shape=(self.n_clips, CLIP_SAMPLES))

    @cached_property
    def _is_checked(self) -> NDArray[np.bool_]:
        return np.zeros(self.n_clips, bool)

    def __getstate__(self) -> dict[str, object]:
        return {"file": self.file, "checksums": self.checksums, "borrow": self.borrow}


def _write(file: int, content: bytes, offset: int) -> None:
    """All of it, or an error: of the last room on a disk a single call takes just that."""
    n_done = 0
    while n_done < len(content):
        n_done += os.pwrite(file, content[n_done:], offset + n_done)
