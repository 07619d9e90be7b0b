"""Sums of squared differences, each in an order of its own.

Element (i, j) is c[i, j], to which (a[i, 0] · b[0, j] + d[i, 0])² and so on are added one after the
other; both the line and the sum with its square are rounded once. As with products it depends on
nothing but row i and column j, and nothing cancels between squares, as it would between those of
the rows, those of the columns and twice the product.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import fused
from fedasc.arithmetic.product import aligned
from fedasc.arithmetic.tiles import FEWER_ROWS, N_ROWS, tiles

Real = TypeVar("Real", np.float32, np.float64)


def lines(slopes: NDArray[Real], starts: NDArray[Real]) -> NDArray[Real]:
    """(n, 2 · k) the lines that `add_squares` takes, of slopes and starts (n, k) at zero."""
    both: NDArray[Real] = np.stack([slopes, starts], axis=2).reshape(len(slopes), -1)
    return both


def squared_distances(points: NDArray[Real], columns: NDArray[Real]) -> NDArray[Real]:
    """Squared Euclidean distances, in the precision of the points.

    Args:
        points: (n, k)
        columns: (n_panels, k, width) other points from `product.panels`, side by side.

    Returns:
        (n, n_panels · width)
    """
    distances = aligned(len(points), columns.shape[0] * columns.shape[2], points.dtype)
    # Of arrays that can't be written to a compiler makes other loops, for nothing.
    add_distances(np.require(points, requirements=["C", "W"]), columns, distances)
    return distances


def _add_difference(builder: Any, factors: list[Any], vector: Any, total: Any) -> Any:
    (number,) = factors
    difference = builder.fsub(vector, number)
    return fused(builder, difference, difference, total)


_add_tile_of_differences = tiles(_add_difference)


@compiled
def add_distances(a: NDArray[Real], b: NDArray[Real], c: NDArray[Real]) -> None:
    """Add squared Euclidean distances to c, in place: lines of slope 1, for half the instructions.

    Args:
        a: (n, k) points without gaps.
        b: (n_panels, k, width) from `product.panels`.
        c: (n, n_panels · width) without gaps.
    """
    n = len(a)
    most = n // N_ROWS * N_ROWS
    more = most + (n - most) // FEWER_ROWS * FEWER_ROWS
    for panel in range(len(b)):
        column = panel * b.shape[2]
        for row in range(0, most, N_ROWS):
            _add_tile_of_differences(a, row, N_ROWS, b, panel, c, column)
        for row in range(most, more, FEWER_ROWS):
            _add_tile_of_differences(a, row, FEWER_ROWS, b, panel, c, column)
        for row in range(more, n):
            _add_tile_of_differences(a, row, 1, b, panel, c, column)


def _add_to(builder: Any, factors: list[Any], vector: Any, total: Any) -> Any:
    slope, start = factors
    on_line = fused(builder, slope, vector, start)
    return fused(builder, on_line, on_line, total)


_add_tile = tiles(_add_to, n_factors=2)


@compiled
def add_squares(a: NDArray[Real], b: NDArray[Real], c: NDArray[Real]) -> None:
    """Add sums of squares to c, in place.

    Args:
        a: (n, 2 · k) from `lines`, without gaps.
        b: (n_panels, k, width) from `product.panels`.
        c: (n, n_panels · width) without gaps.
    """
    n = len(a)
    most = n // N_ROWS * N_ROWS
    more = most + (n - most) // FEWER_ROWS * FEWER_ROWS
    for panel in range(len(b)):
        column = panel * b.shape[2]
        for row in range(0, most, N_ROWS):
            _add_tile(a, row, N_ROWS, b, panel, c, column)
        for row in range(most, more, FEWER_ROWS):
            _add_tile(a, row, FEWER_ROWS, b, panel, c, column)
        for row in range(more, n):
            _add_tile(a, row, 1, b, panel, c, column)
