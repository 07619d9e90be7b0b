"""Differences between two systems that were tried on the same splits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

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
    half = float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
    return mean - half, mean + half


def p_value(first: Sequence[float], second: Sequence[float]) -> float:
    """How probable so large a mean difference is if there is none (Student's paired t test).

    Args:
        first: (n_repetitions,)
        second: (n_repetitions,) in the same order.

    Returns:
        Two-sided; 1 if nothing differs, NaN with a single repetition.
    """
    differences = np.subtract(first, second)
    if len(differences) < 2:
        return float("nan")
    if not np.ptp(differences):
        return 0.0 if differences[0] else 1.0
    from scipy.stats import ttest_rel  # takes a second

    return float(ttest_rel(first, second).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values of several tests, corrected for there being several (Holm 1979).

    Rejecting what lies below a level makes a single mistake or more with that probability at most.

    Args:
        p_values: (n_tests,)

    Returns:
        In the same order; NaN if there is one.
    """
    order = np.argsort(p_values)
    corrected = np.array(p_values, np.float64)
    steps = corrected[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return [float(value) for value in corrected]
