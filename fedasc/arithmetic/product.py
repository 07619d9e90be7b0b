"""Products of matrices, each element of which is summed in an order of its own.

Element (i, j) is start[j], to which a[i, 0]·b[0, j], a[i, 1]·b[1, j] and so on are added one after
the other, each product and sum rounded once (a fused multiply-add). So it depends on nothing but
row i, column j and where it starts: not on other rows or columns, blocks, threads, alignment or the
processor. Tiles of the result stay in registers; how large they are is all that the processor
decides.
"""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import fused
from fedasc.arithmetic.tiles import FEWER_ROWS, LINE, N_ROWS, N_VECTORS, tiles

Real = TypeVar("Real", np.float32, np.float64)


def product(
    a: NDArray[Real], b: NDArray[Real], *, start: NDArray[Real] | None = None
) -> NDArray[Real]:
    """The product of two matrices of one precision.

    Args:
        a: (n, k)
        b: (k, m)
        start: (m,) that the sums start from; zeros if None.

    Returns:
        (n, m)

    Raises:
        ValueError: If shapes don't fit or precisions differ.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != len(b) or a.dtype != b.dtype:
        raise ValueError(f"can't multiply {a.shape} in {a.dtype} by {b.shape} in {b.dtype}")
    m = b.shape[1]
    packed = panels(b)
    first = np.zeros(packed.shape[0] * packed.shape[2], b.dtype)
    first[:m] = 0 if start is None else start
    # Of arrays that can't be written to a compiler makes other loops, for nothing.
    rows = np.require(a, requirements=["C", "W"])
    return np.ascontiguousarray(times_panels(rows, packed, first)[:, :m])


def times_panels(a: NDArray[Real], b: NDArray[Real], start: NDArray[Real]) -> NDArray[Real]:
    """The product with a matrix that was packed before.

    Args:
        a: (n, k) without gaps.
        b: (n_panels, k, width) from `panels`.
        start: (n_panels · width,) that the sums start from.

    Returns:
        (n, n_panels · width)
    """
    result = aligned(len(a), len(start), a.dtype)
    result[:] = start
    add_product(a, b, result)
    return result


def panels(b: NDArray[Real]) -> NDArray[Real]:
    """The columns of a matrix in panels, as wide as a tile: (n_panels, k, width) with zeros after.

    Args:
        b: (k, m)
    """
    k, m = b.shape
    width = panel_width(b.dtype)
    n_panels = -(-m // width)
    flat = aligned(n_panels * k, width, b.dtype)
    packed = flat.reshape(n_panels, k, width)
    n_full, n_left = divmod(m, width)
    packed[:n_full] = b[:, : n_full * width].reshape(k, n_full, width).swapaxes(0, 1)
    packed[n_full:, :, :n_left] = b[:, n_full * width :]
    return packed


def panel_width(dtype: Any) -> int:
    """Columns of a panel."""
    return N_VECTORS * LINE // int(np.dtype(dtype).itemsize)


def aligned(n_rows: int, n_columns: int, dtype: Any) -> NDArray[Any]:
    """Zeros (n_rows, n_columns) that start where a line of the cache does."""
    n_bytes = n_rows * n_columns * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    rows: NDArray[Any] = memory[start : start + n_bytes].view(dtype).reshape(n_rows, n_columns)
    return rows


def _add_to(builder: Any, factors: list[Any], vector: Any, total: Any) -> Any:
    (factor,) = factors
    return fused(builder, factor, vector, total)


_add_tile = tiles(_add_to)


@compiled
def add_product(a: NDArray[Real], b: NDArray[Real], c: NDArray[Real]) -> None:
    """Add a product to c, in place.

    Args:
        a: (n, k) without gaps.
        b: (n_panels, k, width) from `panels`.
        c: (n, n_panels · width) without gaps.
    """
    n = len(a)
    most = n // N_ROWS * N_ROWS
    if most and 0 < n - most < FEWER_ROWS and (n - most + N_ROWS) % FEWER_ROWS == 0:
        most -= N_ROWS  # so that no row is left alone
    more = most + (n - most) // FEWER_ROWS * FEWER_ROWS
    for panel in range(len(b)):
        column = panel * b.shape[2]
        for row in range(0, most, N_ROWS):
            _add_tile(a, row, N_ROWS, b, panel, c, column)
        for row in range(most, more, FEWER_ROWS):
            _add_tile(a, row, FEWER_ROWS, b, panel, c, column)
        for row in range(more, n):
            _add_tile(a, row, 1, b, panel, c, column)
