"""Mean distances between samples, of which a block of pairs is held at a time.

Squares of differences are added feature after feature, so that nothing cancels out, and their roots
in an order that no machine changes. Single precision costs about a millionth.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import load, root, spread, store
from fedasc.arithmetic.product import aligned, panels
from fedasc.arithmetic.squares import add_distances

_N_AT_ONCE = 96
"""Rows of a block, whose distances to a panel stay near the processor; whole panels of any width.

The roots of a block are added in single precision, and these sums in double precision.
"""
_N_LANES = 16


@dataclass(frozen=True, eq=False)
class Cloud:
    """Samples whose distances to others, and to each other, are asked for several times.

    Args:
        rows: (n_samples, n_features) single precision, less what is taken from all others too.
    """

    rows: NDArray[np.float32]

    @classmethod
    def around(cls, origin: NDArray[Any], x: NDArray[Any]) -> "Cloud":
        """Samples (n_samples, n_features), seen from an origin (n_features,) near them.

        Single precision is for differences, so it begins there.
        """
        return cls(np.ascontiguousarray(x - origin.astype(np.float64), np.float32))

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def columns(self) -> NDArray[np.float32]:
        """See `fedasc.arithmetic.product.panels`."""
        return panels(self.rows.T)

    @cached_property
    def within(self) -> float:
        """Mean Euclidean distance of two different samples."""
        return _sum_of_distances(self, self, later=True) / (len(self) * (len(self) - 1) / 2)

    def to(self, others: "Cloud") -> float:
        """Mean Euclidean distance of one of these and one of others, seen from the same origin."""
        return _sum_of_distances(self, others, later=False) / (len(self) * len(others))


def mean_within(x: NDArray[Any]) -> float:
    """Mean Euclidean distance of two different rows of (n_samples, n_features)."""
    return Cloud.around(x[0], x).within


def _sum_of_distances(x: Cloud, y: Cloud, *, later: bool) -> float:
    """Sum over pairs of one of x and one of y, or of x and one that comes later there.

    For each of y, distances to x are added in order, and then these sums.
    """
    width = y.columns.shape[2]
    sums = np.zeros(len(y.columns) * width)
    _add_roots(x.rows, y.columns, later, aligned(_N_AT_ONCE, width, np.float32), sums)
    return _in_order(sums[: len(y)])


@compiled
def _add_roots(
    rows: NDArray[np.float32],
    columns: NDArray[np.float32],
    later: bool,
    block: NDArray[np.float32],
    sums: NDArray[np.float64],
) -> None:
    """Add the distances between rows and columns to the sum of each column.

    Args:
        rows: (n_rows, n_features)
        columns: (n_panels, n_features, width)
        later: Whether columns are the rows too, and only pairs with later columns count.
        block: (n_at_once, width) that distances of some rows to a panel have room in.
        sums: (n_panels · width,) added to in place.
    """
    n_at_once, width = block.shape
    flat = block.reshape(block.size)
    roots = np.empty(_N_LANES, np.float32)
    for first in range(0, len(rows), n_at_once):
        some = rows[first : first + n_at_once]
        for panel in range(first // width if later else 0, len(columns)):
            block[:] = 0
            add_distances(some, columns[panel : panel + 1], block[: len(some)])
            start = panel * width
            # Of rows among themselves each pair is there twice, and no row is far from itself.
            weight = 0.5 if later and start < first + n_at_once else 1.0
            for column in range(0, width, _N_LANES):
                total = spread(np.float32(0), _N_LANES)
                for i in range(len(some)):
                    total = total + root(load(flat, i * width + column, _N_LANES))
                store(roots, 0, total)
                for lane in range(_N_LANES):
                    sums[start + column + lane] += weight * roots[lane]


@compiled
def _in_order(numbers: NDArray[np.float64]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total
