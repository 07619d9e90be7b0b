"""Samples and their distances, of which single precision screens those that matter."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic import screens
from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import load, lowest_bit, plus_product, reaching, spread, total
from fedasc.arithmetic.product import add_product
from fedasc.arithmetic.screens import N_LANES, list_near, screened
from fedasc.audio import FloatArray

Labels = NDArray[np.int64]

_N_SINGLES = 16


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples, of whose distances single precision tells which double precision has to compute.

    Their arrays aren't locked: for such as can't be written to, loops would be compiled once more.

    Args:
        rows: (n_samples, width) what they deviate by from their mean.
        columns, reach: See `screens.powers`.
        squares: (n_samples,) of the distances from their mean.
    """

    rows: FloatArray
    columns: NDArray[np.float32]
    reach: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, x: FloatArray) -> Self:
        rows = screens.rows(x, x.mean(axis=0))
        columns, reach = screens.powers(rows, x.shape[1], most=1)
        squares = np.empty(len(x))
        _square_all(rows, squares)
        return cls(rows, columns, reach, squares)

    def nearest(self, centres: FloatArray) -> Labels:
        """(n_samples,) the nearest of centres (n_clusters, width), the first of equals."""
        labels = np.empty(len(self.rows), np.int64)
        _find_nearest(self.rows, self.columns, self.reach, centres, labels)
        return labels

    def apart(self, n_centres: int, *, rng: np.random.RandomState) -> Labels:
        """See the function of that name."""
        n = len(self.rows)
        chosen = np.empty(n_centres, np.int64)
        chosen[0] = rng.choice(n, p=np.full(n, 1 / n))
        drawn = rng.uniform(size=(n_centres - 1, 2 + int(math.log(n_centres))))
        _choose(self.rows, self.columns, self.reach, self.squares, drawn, chosen)
        return chosen


@compiled
def _squared(one: FloatArray, row: int, other: FloatArray, other_row: int) -> float:
    """The squared distance of two rows, eight sums of every eighth feature added by halves."""
    width = one.shape[1]
    squares = spread(0.0, N_LANES)
    for start in range(0, width, N_LANES):
        x = load(one, row * width + start, N_LANES)
        difference = x - load(other, other_row * width + start, N_LANES)
        squares = plus_product(squares, difference, difference)
    distance: float = total(squares)
    return distance


@compiled
def _square_all(rows: FloatArray, squares: FloatArray) -> None:
    """Write squared distances of rows (n, width) from zero (n,)."""
    zero = np.zeros((1, rows.shape[1]))
    for row in range(len(rows)):
        squares[row] = _squared(rows, row, zero, 0)


@compiled
def _expand(
    centres: FloatArray,
    reach: FloatArray,
    lines: NDArray[np.float32],
    starts: NDArray[np.float32],
    off: NDArray[np.float32],
) -> None:
    """Write lines that are samples' squares less squared distances from centres.

    Args:
        centres: (n_centres, width)
        reach: (n_features,) of samples.
        lines: (n_centres, n_features)
        starts: (n_centres,)
        off: (n_centres,) how far the lines may be off.
    """
    exact = np.empty(len(reach))
    for centre in range(len(centres)):
        square = 0.0
        for feature in range(len(reach)):
            exact[feature] = 2.0 * centres[centre, feature]
            square += centres[centre, feature] * centres[centre, feature]
        starts[centre] = -square
        off[centre] = screened(exact, square, reach, lines[centre])


@compiled
def _choose(
    rows: FloatArray,
    columns: NDArray[np.float32],
    reach: FloatArray,
    squares: FloatArray,
    drawn: FloatArray,
    chosen: Labels,
) -> None:
    """Write the numbers of samples that lie far apart after the first.

    Args:
        rows, columns, reach, squares: Of `Samples`.
        drawn: (n_centres - 1, n_candidates) from 0 to 1.
        chosen: (n_centres,) of which the first is chosen.
    """
    n, (_, n_features, n_lanes) = len(rows), columns.shape
    n_candidates = drawn.shape[1]
    candidates, places = np.empty(n_candidates, np.int64), np.empty((n_candidates, rows.shape[1]))
    lines = np.empty((n_candidates, n_features), np.float32)
    starts, off = np.empty((2, n_candidates), np.float32)
    block = np.empty((n_candidates, n_lanes), np.float32)
    limits = np.empty(len(columns) * n_lanes, np.float32)
    limits[:] = np.inf
    nearer, squared = np.empty((n_candidates, n), np.int64), np.empty((n_candidates, n))
    n_nearer, gains = np.empty(n_candidates, np.int64), np.empty(n_candidates)
    nearest, summed = np.empty(n), np.empty(n)
    for sample in range(n):
        nearest[sample] = _squared(rows, sample, rows, chosen[0])
    for number in range(1, len(chosen)):
        most = 0.0
        for sample in range(n):
            most += nearest[sample]
            summed[sample] = most
        for candidate in range(n_candidates):
            # A draw of the whole sum, or of rounding more, is the last sample's.
            limit, below, last = drawn[number - 1, candidate] * most, 0, n - 1
            while below < last:
                middle = (below + last) // 2
                if summed[middle] < limit:
                    below = middle + 1
                else:
                    last = middle
            candidates[candidate] = below
            for feature in range(rows.shape[1]):
                places[candidate, feature] = rows[below, feature]
        _expand(places, reach, lines, starts, off)
        for sample in range(n):
            limits[sample] = squares[sample] - nearest[sample]
        n_nearer[:], gains[:] = 0, 0.0
        for panel in range(len(columns)):
            first = panel * n_lanes
            for candidate in range(n_candidates):
                block[candidate] = starts[candidate]
            add_product(lines, columns[panel : panel + 1], block)
            for candidate in range(n_candidates):
                for lane in range(0, n_lanes, _N_SINGLES):
                    most = load(block, candidate * n_lanes + lane, _N_SINGLES)
                    most = most + spread(off[candidate], _N_SINGLES)
                    bits = reaching(most, load(limits, first + lane, _N_SINGLES))
                    while bits:
                        sample = first + lane + lowest_bit(bits)
                        bits &= bits - 1
                        if sample >= n:
                            continue
                        square = _squared(rows, sample, rows, candidates[candidate])
                        if square < nearest[sample]:
                            gains[candidate] += nearest[sample] - square
                            nearer[candidate, n_nearer[candidate]] = sample
                            squared[candidate, n_nearer[candidate]] = square
                            n_nearer[candidate] += 1
        best = 0
        for candidate in range(1, n_candidates):
            if gains[candidate] > gains[best]:
                best = candidate
        chosen[number] = candidates[best]
        for near in range(n_nearer[best]):
            nearest[nearer[best, near]] = squared[best, near]


@compiled
def _find_nearest(
    rows: FloatArray,
    columns: NDArray[np.float32],
    reach: FloatArray,
    centres: FloatArray,
    labels: Labels,
) -> None:
    """Write the nearest of centres (n_centres, width) to each sample.

    Args:
        rows, columns, reach: Of `Samples`.
        centres: (n_centres, width)
        labels: (n_samples,)
    """
    n_centres, (_, n_features, n_lanes) = len(centres), columns.shape
    lines = np.empty((n_centres, n_features), np.float32)
    starts, off = np.empty((2, n_centres), np.float32)
    _expand(centres, reach, lines, starts, off)
    block = np.empty((n_centres, n_lanes), np.float32)
    samples = np.empty(n_centres * n_lanes, np.int64)
    firsts = np.empty(n_centres + 1, np.int64)
    n_near, nearest = np.zeros(len(rows), np.int64), np.empty(len(rows))
    nearest[:] = np.inf
    for panel in range(len(columns)):
        for centre in range(n_centres):
            block[centre] = starts[centre]
        add_product(lines, columns[panel : panel + 1], block)
        list_near(block, off, 0.0, panel * n_lanes, len(rows), samples, firsts)
        for near in range(firsts[n_centres]):
            n_near[samples[near]] += 1
        for centre in range(n_centres):
            for near in range(firsts[centre], firsts[centre + 1]):
                sample = samples[near]
                if n_near[sample] == 1:
                    labels[sample] = centre
                    continue
                square = _squared(rows, sample, centres, centre)
                if square < nearest[sample]:
                    nearest[sample], labels[sample] = square, centre
