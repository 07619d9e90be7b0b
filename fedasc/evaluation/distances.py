"""Mean distances between samples, of which a block of pairs is held at a time.

Squares of differences are added feature after feature, so that nothing cancels out, and their roots
in an order that no block and no machine changes. Single precision costs about a millionth.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.product import panels
from fedasc.arithmetic.squares import squared_distances

_N_AT_ONCE = 96
"""Rows of a block, whose distances stay near the processor."""


def mean_between(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Mean Euclidean distance of a row of (n_x, n_features) and a row of (n_y, n_features)."""
    return _sum_of_distances(x, y, later=False) / (len(x) * len(y))


def mean_within(x: NDArray[Any]) -> float:
    """Mean Euclidean distance of two different rows of (n_samples, n_features)."""
    return _sum_of_distances(x, x, later=True) / (len(x) * (len(x) - 1) / 2)


def _sum_of_distances(x: NDArray[Any], y: NDArray[Any], *, later: bool) -> float:
    """Sum over pairs of a row of x and one of y, or only one that comes later there.

    For each row of y, distances to the rows of x are added in order, and then these sums.
    """
    # Single precision is for differences, so it begins near the samples.
    rows, others = (
        np.ascontiguousarray(some - x[0].astype(np.float64), np.float32) for some in (x, y)
    )
    columns = panels(others.T)
    width = columns.shape[2]
    sums = np.zeros(len(y))
    for start in range(0, len(rows), _N_AT_ONCE):
        first_panel = start // width if later else 0
        squares = squared_distances(rows[start : start + _N_AT_ONCE], columns[first_panel:])
        _add_roots(squares, start if later else -len(rows), first_panel * width, sums)
    return _in_order(sums)


@compiled
def _add_roots(
    squares: NDArray[np.float32], first_row: int, first_column: int, sums: NDArray[np.float64]
) -> None:
    """Add the roots of a block, row after row, to the sum of each column.

    Args:
        squares: (n_rows, n_columns)
        first_row, first_column: Numbers of the block's first; only columns of higher numbers than
            the row's count.
        sums: Of all columns, added to in place.
    """
    for i in range(len(squares)):
        for column in range(max(first_row + i + 1, first_column), len(sums)):
            sums[column] += np.sqrt(squares[i, column - first_column])


@compiled
def _in_order(numbers: NDArray[np.float64]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total
