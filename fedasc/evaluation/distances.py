"""Mean distances between samples, of which no more than a block of pairs is held at a time.

Squares of differences are added feature after feature, so that nothing cancels out, and their roots
in an order that no machine changes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.audio import FloatArray

_WIDTH = 64
"""Columns of a block, which are part of the order of sums; a block stays near the processor."""


def mean_between(x: NDArray[Any], y: NDArray[Any]) -> float:
    """Mean Euclidean distance of a row of (n_x, n_features) and a row of (n_y, n_features)."""
    return _sum_of_distances(_rows(x), _blocks(y), len(y), False) / (len(x) * len(y))


def mean_within(x: NDArray[Any]) -> float:
    """Mean Euclidean distance of two different rows of (n_samples, n_features)."""
    n_pairs = len(x) * (len(x) - 1) / 2
    return _sum_of_distances(_rows(x), _blocks(x), len(x), True) / n_pairs


def _rows(x: NDArray[Any]) -> FloatArray:
    return np.ascontiguousarray(x, np.float64)


def _blocks(y: NDArray[Any]) -> FloatArray:
    """(n_blocks, n_features, _WIDTH) rows as columns, with zeros after the last."""
    blocks = np.zeros((-(-len(y) // _WIDTH), y.shape[1], _WIDTH))
    for number, block in enumerate(blocks):
        rows = y[number * _WIDTH : (number + 1) * _WIDTH]
        block[:, : len(rows)] = rows.T
    return blocks


@compiled
def _sum_of_distances(x: FloatArray, blocks: FloatArray, n_columns: int, later: bool) -> float:
    """Sum of the Euclidean distances of pairs of a row and a column.

    Of columns at the same place in their blocks, distances are added block after block, in each of
    these row after row; then the sums of the places, from the first to the last.

    Args:
        x: (n_rows, n_features) without gaps.
        blocks: (n_blocks, n_features, _WIDTH), see `_blocks`.
        n_columns: In all blocks.
        later: Whether only columns that come later than the row count, so that each pair of a
            sample counts once.
    """
    sums = np.zeros(_WIDTH)
    squares = np.empty(_WIDTH)
    for number in range(len(blocks)):
        start = number * _WIDTH
        n_here = min(n_columns - start, _WIDTH)
        for row in range(min(len(x), start + n_here - 1) if later else len(x)):
            squares[:] = 0
            for feature in range(x.shape[1]):
                for place in range(_WIDTH):
                    difference = x[row, feature] - blocks[number, feature, place]
                    squares[place] += difference * difference
            for place in range(max(row + 1 - start, 0) if later else 0, n_here):
                sums[place] += np.sqrt(squares[place])
    total = 0.0
    for place in range(_WIDTH):
        total += sums[place]
    return total
