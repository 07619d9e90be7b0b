"""Differences between two systems that were tried on the same splits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t


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
    n = len(differences)
    half = np.nan
    if n > 1:
        half = float(t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    mean = float(differences.mean())
    return Paired(float(np.median(differences)), mean, mean - half, mean + half)
