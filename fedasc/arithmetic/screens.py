"""Sums of products that single precision screens, so that few are left to double precision.

Rounding factors and start, and each time that something is added, moves a sum of n products by no
more than n + 3 units 2⁻²⁴ of the sum of all absolute values (Higham 2002, section 3.1), and what it
is compared with, where that is as large, by one more. So what lies farther than that from a limit
lies on its side of it for sure, and only the rest needs double precision.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import higher, load, lowest_bit, reaching, spread, store
from fedasc.arithmetic.product import aligned, panel_width

FloatArray = NDArray[np.float64]
Singles = NDArray[np.float32]

N_LANES = 8
"""Of rows, which end with zeros until their lanes are full."""

_N_SINGLES = 16

_UNIT = 2.0**-24 * 1.01
"""With what products of units amount to, of a hundred thousand products at most."""

_MOST = 1e37
"""Of sums that single precision holds."""


def rows(x: FloatArray, middle: FloatArray) -> FloatArray:
    """(n, width) what rows (n, k) deviate by from a middle (k,), and zeros until lanes are full."""
    n, k = x.shape
    wide = np.zeros((n, -(-k // N_LANES) * N_LANES))
    np.subtract(x, middle, out=wide[:, :k])
    return wide


def powers(wide: FloatArray, n_features: int, *, most: int) -> tuple[Singles, FloatArray]:
    """Powers of samples in single precision, and their highest absolute values.

    Args:
        wide: (n_samples, width)
        n_features: Of these, without what fills lanes.
        most: The highest power: 2, of which squares come first, or 1.

    Returns:
        (n_panels, most · n_features, n_lanes) panels as of `product.panels`, and
        (most · n_features,).
    """
    n_lanes = panel_width(np.float32)
    n_panels = -(-len(wide) // n_lanes)
    columns = aligned(n_panels * most * n_features, n_lanes, np.float32)
    columns = columns.reshape(n_panels, most * n_features, n_lanes)
    reach = np.zeros(most * n_features)
    _fill(wide, n_features, columns, reach)
    return columns, reach


@compiled
def _fill(wide: FloatArray, n_features: int, columns: Singles, reach: FloatArray) -> None:
    n_panels, n_powers, n_lanes = columns.shape
    n_squares = n_powers - n_features
    for panel in range(n_panels):
        first = panel * n_lanes
        for feature in range(n_features):
            highest = reach[n_squares + feature]
            for lane in range(min(n_lanes, len(wide) - first)):
                x = wide[first + lane, feature]
                highest = max(highest, abs(x))
                columns[panel, n_squares + feature, lane] = x
                if n_squares:
                    columns[panel, feature, lane] = x * x
            reach[n_squares + feature] = highest
    for feature in range(n_squares):
        reach[feature] = reach[n_squares + feature] * reach[n_squares + feature]


@compiled
def screened(factors: FloatArray, start: float, reach: FloatArray, row: Singles) -> float:
    """Write factors in single precision; how far the sum of products may be off.

    Args:
        factors: (n,)
        start: Of the sum.
        reach: (n,) highest absolute values of what they are multiplied by.
        row: (n,)
    """
    most = abs(start)
    for each in range(len(factors)):
        row[each] = factors[each]
        most += abs(factors[each]) * reach[each]
    return (len(factors) + 4) * _UNIT * most if most < _MOST else np.inf


@compiled
def list_near(
    block: Singles,
    off: Singles,
    margin: float,
    first: int,
    n_samples: int,
    samples: NDArray[np.int64],
    firsts: NDArray[np.int64],
) -> None:
    """Write which samples of a panel may lie in each row near the highest of their column.

    Args:
        block: (n_rows, n_lanes) sums of products, from the first of these samples on.
        off: (n_rows,) how far these may be off.
        margin: Below the highest sum, what is near.
        first: The number of the first of these samples.
        n_samples: Of which there are no more.
        samples: (n_rows · n_lanes,), where numbers are written, row by row.
        firsts: (n_rows + 1,), where those of each row begin, and the last row's end, in `samples`.
    """
    n_rows, n_lanes = block.shape
    n_near = 0
    least = np.empty(n_lanes, np.float32)
    below = spread(np.float32(margin), _N_SINGLES)
    for lane in range(0, n_lanes, _N_SINGLES):
        highest = load(block, lane, _N_SINGLES) - spread(off[0], _N_SINGLES)
        for row in range(1, n_rows):
            sums = load(block, row * n_lanes + lane, _N_SINGLES)
            # What isn't a number isn't higher than any.
            highest = higher(sums - spread(off[row], _N_SINGLES), highest)
        store(least, lane, highest - below)
    for row in range(n_rows):
        firsts[row] = n_near
        for lane in range(0, n_lanes, _N_SINGLES):
            most = load(block, row * n_lanes + lane, _N_SINGLES) + spread(off[row], _N_SINGLES)
            bits = reaching(most, load(least, lane, _N_SINGLES))
            while bits:
                sample = first + lane + lowest_bit(bits)
                if sample < n_samples:
                    samples[n_near] = sample
                    n_near += 1
                bits &= bits - 1
    firsts[n_rows] = n_near
