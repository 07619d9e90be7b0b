"""Clusters by k-means: where they start, and what they become."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from fedasc.aggregators.samples import Labels, Samples
from fedasc.aggregators.whitening import beside
from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import load, store
from fedasc.arithmetic.screens import N_LANES
from fedasc.arithmetic.squares import squared_distances
from fedasc.audio import FloatArray
from fedasc.values import lock_arrays

_N_STEPS = 300
_TOLERANCE = 1e-4
"""Of the squares by which all centres move together, in mean variances of a feature."""


def apart(x: FloatArray, n_centres: int, *, rng: np.random.RandomState) -> Labels:
    """Numbers of samples that lie far apart: k-means++ (Arthur and Vassilvitskii 2007).

    The draws are those of scikit-learn: of 2 + ln n_centres candidates for each next centre, that
    one is taken that leaves the least distance from all samples to their nearest centre.

    Args:
        x: (n_samples, n_features)
        n_centres: n_samples at most.
        rng: Of the draws.

    Returns:
        (n_centres,)
    """
    return Samples.of(x).apart(n_centres, rng=rng)


def clustered(x: FloatArray, n_clusters: int, *, rng: np.random.RandomState) -> Labels:
    """(n_samples,) the clusters of x (n_samples, n_features) by Lloyd's steps (1982).

    They start far apart (see `apart`) and end when no sample changes its cluster or the centres
    hardly move (see `moved`).

    Args:
        x: n_clusters at least.
        n_clusters: How many.
        rng: Of the draws.
    """
    samples = Samples.of(x)
    tolerance = samples.squares.sum() / x.size * _TOLERANCE
    centres = samples.rows[samples.apart(n_clusters, rng=rng)]
    before = np.full(len(x), -1)
    for _ in range(_N_STEPS):
        labels = samples.nearest(centres)
        after = moved(samples.rows, labels, centres)
        way = float(((after - centres) ** 2).sum())
        centres = after
        if (labels == before).all():
            return labels
        if way <= tolerance:
            break
        before = labels
    return samples.nearest(centres)


@dataclass(frozen=True, eq=False)
class Centres:
    """Centres that follow mini-batches (Sculley 2010).

    Args:
        means: (n_clusters, n_features) of the samples that they were nearest to, when these came.
        counts: (n_clusters,) how many those were.
    """

    means: FloatArray
    counts: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    @classmethod
    def at(cls, places: FloatArray) -> Self:
        """Centres that have no samples yet."""
        return cls(places, np.zeros(len(places)))

    def nearest(self, x: FloatArray) -> Labels:
        """(n_samples,) the nearest to each of x (n_samples, n_features), the first of equals."""
        return _lowest(squared_distances(self.means, beside(x)))[: len(x)]

    def followed(self, x: FloatArray) -> Self:
        """What becomes of them with samples (n_samples, n_features) more."""
        sums, counts = self.means * self.counts[:, None], self.counts.copy()
        _add_members(x, self.nearest(x), sums, counts)
        means, moved = self.means.copy(), counts > self.counts
        means[moved] = sums[moved] * (1 / counts[moved])[:, None]
        return type(self)(means, counts)


def moved(x: FloatArray, labels: Labels, before: FloatArray) -> FloatArray:
    """Where Lloyd's step moves centres: to the means of their clusters.

    A cluster that lost all samples is given the one farthest from the centre of its own, of several
    such clusters the first that one; or of samples that are all where their centres are, none, and
    the place of the largest cluster.

    Args:
        x: (n_samples, n_features)
        labels: (n_samples,) clusters.
        before: (n_clusters, n_features) the centres that these are nearest to.
    """
    sums, counts = np.zeros_like(before), np.zeros(len(before))
    _add_members(x, labels, sums, counts)
    empty = np.flatnonzero(counts == 0)
    if not empty.size:
        return sums * (1 / counts)[:, None]
    squares = ((x - before[labels]) ** 2).sum(axis=1)
    farthest = np.argsort(-squares, kind="stable")[: empty.size]
    if squares.max() > 0:
        for cluster, sample in zip(empty, farthest, strict=True):
            sums[labels[sample]] -= x[sample]
            counts[labels[sample]] -= 1
            sums[cluster], counts[cluster] = x[sample], 1
    largest = int(counts.argmax())
    means = sums * (1 / np.where(counts > 0, counts, 1))[:, None]
    means[counts == 0] = means[largest]
    return means


@compiled
def _lowest(columns: FloatArray) -> Labels:
    """(n_columns,) the row in which each of (n_rows, n_columns) is lowest, the first of equals."""
    n_rows, n_columns = columns.shape
    rows = np.zeros(n_columns, np.int64)
    least = columns[0].copy()
    for row in range(1, n_rows):
        for column in range(n_columns):
            if columns[row, column] < least[column]:
                least[column] = columns[row, column]
                rows[column] = row
    return rows


@compiled
def _add_members(x: FloatArray, labels: Labels, sums: FloatArray, counts: FloatArray) -> None:
    """Add samples to the sums and the counts of their clusters, in place, one after the other.

    Args:
        x: (n_samples, n_features)
        labels: (n_samples,) clusters.
        sums: (n_clusters, n_features)
        counts: (n_clusters,)
    """
    width = x.shape[1]
    for sample in range(len(x)):
        label = labels[sample]
        counts[label] += 1
        for start in range(0, width - N_LANES + 1, N_LANES):
            place = label * width + start
            more = load(x, sample * width + start, N_LANES)
            store(sums, place, load(sums, place, N_LANES) + more)
        for feature in range(width // N_LANES * N_LANES, width):
            sums[label, feature] += x[sample, feature]
