"""Differences between two systems that were tried on the same splits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from fedasc.audio import FloatArray


@dataclass(frozen=True)
class Paired:
    """First less second, over repetitions.

    Args:
        median: Of the differences.
        mean: Of the differences.
        low, high: 95 % interval of the mean (Student's t); NaN with a single repetition.
    """

    median: float
    mean: float
    low: float
    high: float


def paired(first: Sequence[float], second: Sequence[float]) -> Paired:
    """Compare two systems by what each of them reached in each repetition.

    Args:
        first: (n_repetitions,)
        second: (n_repetitions,) in the same order.
    """
    differences = np.subtract(first, second)
    low, high = interval_of_mean(differences)
    return Paired(float(np.median(differences)), float(differences.mean()), low, high)


def interval_of_mean(values: FloatArray) -> tuple[float, float]:
    """95 % interval of the mean of (n_values,), by Student's t; NaN with a single value."""
    n, mean = len(values), float(values.mean())
    if n < 2:
        return float("nan"), float("nan")
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return mean - half, mean + half
