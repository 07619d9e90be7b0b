"""Tiles of a matrix, which stay in registers while something is added to each of their elements.

What is added to element (i, j) comes from row i of one matrix and column j of another, in the order
in which these stand there.
"""

from collections.abc import Callable
from typing import Any

# mypy: disable-error-code="no-untyped-call"
# (of numba's types and LLVM's builder)
from llvmlite import ir
from numba import types
from numba.core import cgutils

from fedasc.arithmetic.compiled import LARGE_REGISTERS
from fedasc.arithmetic.lanes import Lanes, after, alignment, instruction, pointer_to, splat

LINE = 64
"""Bytes of a vector, and of a line of the cache."""

N_VECTORS = 2 if LARGE_REGISTERS else 1
"""Vectors side by side in a panel, which is as wide as a tile."""

N_ROWS = 12 if LARGE_REGISTERS else 6
"""Of a tile, as many as there are registers for."""

FEWER_ROWS = 4
"""Of a tile at the end, enough sums to keep a processor busy."""

Add = Callable[[Any, list[Any], Any, Any], Any]
"""Builds a sum with something added, of the builder, factors, numbers of a column and the sum."""


def tiles(add: Add, *, n_factors: int = 1) -> Any:
    """An instruction that adds to a tile.

    Args:
        add: What, of the numbers in each lane.
        n_factors: Numbers of a row of a that go with each number of a column.
    """

    @instruction
    def add_tile(
        typing: Any, a: Any, row: Any, n_rows: Any, b: Any, panel: Any, c: Any, column: Any
    ) -> Any:
        """Add to a tile of c.

        Args:
            a: (n, n_factors · k)
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

            n_numbers, m = shape(a, a_, 1), shape(c, c_, 1)
            k, width = shape(b, b_, 1), shape(b, b_, 2)
            in_panel = [ir.Constant(number, kind.count * v) for v in range(N_VECTORS)]
            first_row = builder.mul(row_, n_numbers)
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
                builder.gep(numbers, [after(builder, first_row, n_numbers, r)])
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
                first = builder.mul(loop.index, ir.Constant(number, n_factors))
                for pointer, places in zip(rows, sums, strict=True):
                    factors = []
                    for f in range(n_factors):
                        place = builder.add(first, ir.Constant(number, f))
                        factor = builder.load(builder.gep(pointer, [place]))
                        factors.append(splat(builder, factor, kind.count))
                    for vector, kept in zip(columns, places, strict=True):
                        builder.store(add(builder, factors, vector, builder.load(kept)), kept)
            for line, places in zip(tile, sums, strict=True):
                for pointer, kept in zip(line, places, strict=True):
                    builder.store(builder.load(kept), pointer, align=align)

        return types.void(a, types.intp, n_rows, b, types.intp, c, types.intp), build

    return add_tile
