"""Products of matrices, each element of which is summed in an order of its own.

Element (i, j) is start[j], to which a[i, 0]·b[0, j], a[i, 1]·b[1, j] and so on are added one after
the other, each product and sum rounded once (a fused multiply-add). So it depends on nothing but
row i, column j and where it starts: not on other rows or columns, blocks, threads, alignment or the
processor. Tiles of the result stay in registers; how large they are is all that the processor
decides.
"""

from typing import Any, TypeVar

# mypy: disable-error-code="no-untyped-call"
# (of numba's types and LLVM's builder)
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import LARGE_REGISTERS, compiled
from fedasc.arithmetic.lanes import Lanes, after, alignment, fused, instruction, pointer_to, splat

Real = TypeVar("Real", np.float32, np.float64)

LINE = 64
"""Bytes of a vector, and of a line of the cache."""

N_VECTORS = 2 if LARGE_REGISTERS else 1
"""Vectors side by side in a panel."""

_N_ROWS, _N_REST = (12, 6) if LARGE_REGISTERS else (6, 3)


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
    return np.ascontiguousarray(times_panels(np.ascontiguousarray(a), packed, first)[:, :m])


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
    for number in range(n_panels):
        columns = b[:, number * width : (number + 1) * width]
        packed[number, :, : columns.shape[1]] = columns
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


@instruction
def _add_tile(
    typing: Any, a: Any, row: Any, n_rows: Any, b: Any, panel: Any, c: Any, column: Any
) -> Any:
    """Add a tile of a product to c.

    Args:
        a: (n, k)
        row: The first of a and of c.
        n_rows: Of the tile; a literal.
        b: (n_panels, k, width)
        panel: Of b.
        c: (n, m)
        column: The first of c.
    """

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        a_, row_, _, b_, panel_, c_, column_ = args
        kind = context.get_value_type(Lanes(a.dtype, LINE * 8 // a.dtype.bitwidth))
        align = alignment(a)
        number = row_.type

        def shape(array: Any, value: Any, axis: int) -> Any:
            return cgutils.unpack_tuple(
                builder, context.make_array(array)(context, builder, value).shape
            )[axis]

        k, width, m = shape(a, a_, 1), shape(b, b_, 2), shape(c, c_, 1)
        in_panel = [ir.Constant(number, kind.count * v) for v in range(N_VECTORS)]
        first_row = builder.mul(row_, k)
        first_panel = builder.mul(panel_, builder.mul(k, width))
        corner = builder.add(builder.mul(row_, m), column_)
        tile = [
            [
                pointer_to(
                    context, builder, c, c_, builder.add(after(builder, corner, m, r), v), kind
                )
                for v in in_panel
            ]
            for r in range(n_rows.literal_value)
        ]
        sums = [[cgutils.alloca_once(builder, kind) for _ in line] for line in tile]
        for line, places in zip(tile, sums, strict=True):
            for pointer, kept in zip(line, places, strict=True):
                builder.store(builder.load(pointer, align=align, typ=kind), kept)
        numbers = context.make_array(a)(context, builder, a_).data
        rows = [
            builder.gep(numbers, [after(builder, first_row, k, r)])
            for r in range(n_rows.literal_value)
        ]
        with cgutils.for_range(builder, k) as loop:
            start = builder.add(first_panel, builder.mul(loop.index, width))
            columns = [
                builder.load(
                    pointer_to(context, builder, b, b_, builder.add(start, v), kind),
                    align=align,
                    typ=kind,
                )
                for v in in_panel
            ]
            for pointer, places in zip(rows, sums, strict=True):
                factor = builder.load(builder.gep(pointer, [loop.index]))
                factors = splat(builder, factor, kind.count)
                for vector, kept in zip(columns, places, strict=True):
                    builder.store(fused(builder, factors, vector, builder.load(kept)), kept)
        for line, places in zip(tile, sums, strict=True):
            for pointer, kept in zip(line, places, strict=True):
                builder.store(builder.load(kept), pointer, align=align)

    return types.void(a, types.intp, n_rows, b, types.intp, c, types.intp), build


@compiled
def add_product(a: NDArray[Real], b: NDArray[Real], c: NDArray[Real]) -> None:
    """Add a product to c, in place.

    Args:
        a: (n, k) without gaps.
        b: (n_panels, k, width) from `panels`.
        c: (n, n_panels · width) without gaps.
    """
    n = len(a)
    whole = n // _N_ROWS * _N_ROWS
    rest = n // _N_REST * _N_REST
    for panel in range(len(b)):
        column = panel * b.shape[2]
        for row in range(0, whole, _N_ROWS):
            _add_tile(a, row, _N_ROWS, b, panel, c, column)
        for row in range(whole, rest, _N_REST):
            _add_tile(a, row, _N_REST, b, panel, c, column)
        for row in range(rest, n):
            _add_tile(a, row, 1, b, panel, c, column)
