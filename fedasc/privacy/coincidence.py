"""Releases that are windows as they were heard, or nearly so, whatever they are called.

A mixture may have any numbers for means, windows too; and what stands behind a component only its
aggregator knows. But the mean of several windows lies between them: m of the same weight, as
different from one another as any, have theirs at √((1 − 1/m) / 2) of their distance from the
nearest, which is half of it for two windows and 0.63 for five. A window that was moved a little
lies nearer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.audio import FloatArray

NEAR = 0.3
"""Share of a window's distance to the nearest other one, below which nothing else is so near it.

It takes normal noise of about two fifths of their standard deviation, in every feature, to hide
windows from it.
"""


@dataclass(frozen=True)
class Coincidence:
    """A row of numbers that tells of a single window.

    Args:
        array: Where it stands.
        row: Its number there.
        window: Number of the window, in the order in which it was heard.
        distance_db: Between both.
        apart_db: Between the window and the nearest other one.
    """

    array: str
    row: int
    window: int
    distance_db: float
    apart_db: float

    def in_words(self) -> str:
        return (
            f"{self.array}[{self.row}] lies {self.distance_db:.2g} dB from window {self.window}, "
            f"whose nearest neighbour is {self.apart_db:.2g} dB away"
        )


def coincidences(content: Content, x: NDArray[Any]) -> tuple[Coincidence, ...]:
    """What in a content tells of a single window each.

    Windows that were heard twice are nobody's secret, so only those count that differ from all
    others.

    Args:
        content: In full precision.
        x: (n_windows, n_features) what was heard, in dB; two windows at least.
    """
    heard = x.astype(np.float64)
    told = []
    for name, rows in _rows(content, heard.shape[1]):
        for number, row in enumerate(rows):
            distances = _distances(heard, row)
            nearest = int(distances.argmin())
            others = np.delete(_distances(heard, heard[nearest]), nearest)
            if distances[nearest] < NEAR * others.min():
                place = name, number, nearest
                told.append(Coincidence(*place, float(distances[nearest]), float(others.min())))
    return tuple(told)


def _rows(content: Content, n_features: int) -> Iterator[tuple[str, FloatArray]]:
    """(n, n_features) numbers that could be windows, by the name of their array."""
    arrays, points = content.arrays(), content.claims().points
    if points is not None:  # it says itself which of its numbers are where windows were
        name = next((name for name, array in arrays.items() if array is points), "points")
        arrays = {name: points}
    for name, array in arrays.items():
        if array.ndim and array.shape[-1] == n_features and array.dtype.kind in "fiu":
            yield name, array.reshape(-1, n_features).astype(np.float64)


def _distances(heard: FloatArray, row: FloatArray) -> FloatArray:
    distances: FloatArray = np.sqrt(((heard - row) ** 2).sum(axis=1))
    return distances
