"""Clips: pieces of 10 s, side by side on disk as int16, each checked when it is first read."""

import zlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FULL_SCALE, Signal, Stored
from fedasc.cache import set_aside
from fedasc.errors import CacheError

CLIP_S = 10
CLIP_SAMPLES = CLIP_S * 16_000
"""One decision of the classifier."""

CLIP_BYTES = 2 * CLIP_SAMPLES

_AGAIN = "run the same command again, which decodes it anew"

CHECKSUMS = "checksums.u32"
"""File beside clips with the CRC-32 of each."""


class Clips(Protocol):
    """Sound by number. Must be cheap to pickle: it travels to every worker."""

    def stored(self, index: int) -> Stored:
        """(160000,) int16, read only."""
        ...

    def read(self, index: int) -> Signal:
        """(160000,) float32, full scale 1.0."""
        ...

    def bring(self, indices: Iterable[int]) -> None:
        """Have these at hand, of clips that lie elsewhere."""
        ...


class FiledClips(Clips, Protocol):
    """Those of a file, numbered from 0 on."""

    @property
    def path(self) -> Path:
        """The file, on the machine that has it."""
        ...

    @property
    def n_clips(self) -> int: ...


def as_signal(clip: Stored) -> Signal:
    """(n_samples,) float32, full scale 1.0."""
    signal: Signal = clip.astype(np.float32) / np.float32(FULL_SCALE)
    return signal


def checksums_of(clips: bytes) -> tuple[int, ...]:
    """The CRC-32 of each clip of a row, of the last one too if it is short."""
    starts = range(0, len(clips), CLIP_BYTES)
    return tuple(zlib.crc32(clips[start : start + CLIP_BYTES]) for start in starts)


@dataclass(frozen=True)
class ClipFile:
    """Clips of one file, memory-mapped when first read.

    Args:
        path: Raw little-endian int16 in the folder of a pool, which also has their checksums.
        n_clips: How many it holds.
    """

    path: Path
    n_clips: int

    @cached_property
    def _samples(self) -> NDArray[np.int16]:
        try:
            return np.memmap(self.path, "<i2", mode="r", shape=(self.n_clips, CLIP_SAMPLES))
        except (OSError, ValueError) as error:
            raise CacheError(f"{self.path}: was removed or damaged; {_AGAIN}") from error

    @cached_property
    def checksums(self) -> NDArray[np.uint32]:
        """(n_clips,) the CRC-32 of each."""
        return np.fromfile(self.path.with_name(CHECKSUMS), "<u4", self.n_clips)

    @cached_property
    def _is_checked(self) -> NDArray[np.bool_]:
        return np.zeros(self.n_clips, bool)

    def stored(self, index: int) -> Stored:
        """(160000,) int16, read only.

        Raises:
            CacheError: If it isn't what was decoded, or all were removed meanwhile.
        """
        if not self._is_checked[index]:
            if not self._is_whole(index):
                for name in ("_samples", "checksums"):  # it may have been made anew meanwhile
                    vars(self).pop(name, None)
                if not self._is_whole(index):
                    set_aside(self.path.parent, f"clip {index} has changed", in_steps=True)
                    raise CacheError(f"{self.path}: clip {index} is damaged; {_AGAIN}")
            self._is_checked[index] = True
        clip: Stored = np.asarray(self._samples[index])
        return clip

    def _is_whole(self, index: int) -> bool:
        return zlib.crc32(self._samples[index].data) == int(self.checksums[index])

    def read(self, index: int) -> Signal:
        return as_signal(self.stored(index))

    def bring(self, indices: Iterable[int]) -> None:
        """They are here."""

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "n_clips": self.n_clips}


@dataclass(frozen=True)
class ClipShelf:
    """Clips of several files, numbered through."""

    files: tuple[FiledClips, ...]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((file.n_clips for file in self.files[:-1]), initial=0))

    def stored(self, index: int) -> Stored:
        number, place = self._place(index)
        return self.files[number].stored(place)

    def read(self, index: int) -> Signal:
        number, place = self._place(index)
        return self.files[number].read(place)

    def bring(self, indices: Iterable[int]) -> None:
        places: dict[int, list[int]] = {}
        for index in indices:
            number, place = self._place(index)
            places.setdefault(number, []).append(place)
        for number, some in places.items():
            self.files[number].bring(some)

    def _place(self, index: int) -> tuple[int, int]:
        """Number of a file, and of the clip in it."""
        number = bisect_right(self._starts, index) - 1
        return number, index - self._starts[number]
