"""Clips: pieces of 10 s, side by side on disk as int16."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FULL_SCALE, Signal, Stored

CLIP_S = 10
CLIP_SAMPLES = CLIP_S * 16_000
"""One decision of the classifier."""

CLIP_BYTES = 2 * CLIP_SAMPLES


class Clips(Protocol):
    """Sound by number. Must be cheap to pickle: it travels to every worker."""

    def stored(self, index: int) -> Stored:
        """(160000,) int16, read only."""
        ...

    def read(self, index: int) -> Signal:
        """(160000,) float32, full scale 1.0."""
        ...


@dataclass(frozen=True)
class ClipFile:
    """Clips of one file, memory-mapped when first read.

    Args:
        path: Raw little-endian int16.
        n_clips: How many it holds.
    """

    path: Path
    n_clips: int

    @cached_property
    def _samples(self) -> NDArray[np.int16]:
        return np.memmap(self.path, "<i2", mode="r", shape=(self.n_clips, CLIP_SAMPLES))

    def stored(self, index: int) -> Stored:
        return np.asarray(self._samples[index])

    def read(self, index: int) -> Signal:
        clip: Signal = self._samples[index].astype(np.float32) / np.float32(FULL_SCALE)
        return clip

    def __getstate__(self) -> dict[str, object]:
        return {"path": self.path, "n_clips": self.n_clips}


@dataclass(frozen=True)
class ClipShelf:
    """Clips of several files, numbered through."""

    files: tuple[ClipFile, ...]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((file.n_clips for file in self.files[:-1]), initial=0))

    def stored(self, index: int) -> Stored:
        number = bisect_right(self._starts, index) - 1
        return self.files[number].stored(index - self._starts[number])

    def read(self, index: int) -> Signal:
        number = bisect_right(self._starts, index) - 1
        return self.files[number].read(index - self._starts[number])
