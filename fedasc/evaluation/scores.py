"""Scores of classifiers on labelled windows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.evaluation.paired import interval_of_mean
from fedasc.scenes import N_SCENES, Scene
from fedasc.values import lock_arrays

ON_DEVICES = ("baseline", "personal", "comprehensive")
"""Classifiers that devices can run: what they are shipped with, what a user has, and the rival that
was trained on everything and needs no device's help."""

RIVALS = tuple(name for name in ON_DEVICES if name != "personal")
"""What the classifier of a user is compared to."""

CLASSIFIERS = (*ON_DEVICES, "teacher")
"""All that are compared; the teacher is the bound."""


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each true scene (row) was taken for each scene (column).

    Args:
        counts: (4, 4)
    """

    counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        lock_arrays(self)

    @property
    def accuracy(self) -> float:
        """Share of windows that were right; NaN without windows."""
        total = self.counts.sum()
        return float(np.trace(self.counts) / total) if total else float("nan")

    def recall(self, scene: Scene) -> float:
        """Share of a scene's windows that were right; NaN without such windows."""
        row = self.counts[scene]
        return float(row[scene] / row.sum()) if row.sum() else float("nan")


def confusion(true: NDArray[np.int64], predicted: NDArray[np.int64]) -> Confusion:
    """Count predictions.

    Args:
        true: (n_windows,) scenes.
        predicted: (n_windows,) scenes.
    """
    counts = np.zeros((N_SCENES, N_SCENES), np.int64)
    np.add.at(counts, (true, predicted), 1)
    return Confusion(counts)


MIN_USERS = 5
"""From fewer there is no interval: it would say more of them than of anybody else."""


@dataclass(frozen=True)
class Spread:
    """Many users' values in four numbers.

    Args:
        median: Half of the users lie above.
        worst_tenth: A tenth of the users lie below.
        low, high: 95 % interval of the mean over users; see `interval_over_users`.
    """

    median: float
    worst_tenth: float
    low: float
    high: float


def spread(values: Sequence[float] | FloatArray) -> Spread:
    """Summarise one value per user; users without a value (NaN) don't count."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return Spread(*[float("nan")] * 4)
    low, high = interval_over_users(known)
    return Spread(float(np.median(known)), float(np.quantile(known, 0.1)), low, high)


def interval_over_users(values: FloatArray) -> tuple[float, float]:
    """95 % interval of the mean of (n_users,), by Student's t; NaN of fewer than `MIN_USERS`."""
    if len(values) < MIN_USERS:
        return float("nan"), float("nan")
    return interval_of_mean(values)
