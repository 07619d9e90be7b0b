"""The best of several variants, tried on the same splits, without taking luck for merit.

The best of twenty variants that are all alike looks better than it is: it is a maximum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from fedasc.audio import FloatArray
from fedasc.seeds import Purpose, Streams

LEVEL = 0.05
_EXACT_UP_TO = 13
"""Repetitions of which all flips of signs are tried, 8,192 of them."""
_N_FLIPS = 9_999
"""Of more, so many are drawn."""


@dataclass(frozen=True)
class Corrected:
    """The mean of one of several differences, corrected for there being several.

    Args:
        low, high: Of intervals that together hold all means with a probability of about 95 %.
        p: How probable it is, if no mean differs from 0, that the largest does so as clearly.
    """

    low: float
    high: float
    p: float


def corrected(differences: FloatArray) -> tuple[Corrected, ...]:
    """Intervals and p values of the means of several paired differences, by max-T.

    The signs of a split's differences are flipped, of all variants at once, so that it counts how
    much variants have in common (Westfall and Young 1993: p is that of their step-down procedure,
    algorithm 2.8). Intervals are as wide as 95 % of the largest t of differences less their means
    with flipped signs. With five repetitions or fewer no p is below 0.05.

    Args:
        differences: (n_variants, n_repetitions)

    Returns:
        In the same order; NaN with a single repetition, and intervals of two.
    """
    n_variants, n = differences.shape
    if n < 2 or not n_variants:
        nothing = Corrected(float("nan"), float("nan"), float("nan"))
        return tuple(nothing for _ in differences)
    signs, means = _signs(n), differences.mean(axis=1)
    largest = _t(differences - means[:, None], signs).max(axis=1)
    # the least number that 95 % of flips don't exceed
    quantile = float(np.quantile(largest, 1 - LEVEL, method="higher"))
    if np.isinf(quantile):  # of two splits no flip leaves more than one
        quantile = float("nan")
    half = quantile * differences.std(axis=1, ddof=1) / np.sqrt(n)
    ps = _step_down(_t(differences, np.ones((1, n)))[0], _t(differences, signs))
    return tuple(
        Corrected(float(mean - h), float(mean + h), p)
        for mean, h, p in zip(means, half, ps, strict=True)
    )


def chosen_elsewhere(levels: FloatArray) -> tuple[int, ...]:
    """The variant that is best on all other splits, for every split.

    What it reaches there is no maximum: the mean over splits is what choosing brings (nested
    cross-validation; Varma and Simon 2006). These splits share nearly all that chose, so that an
    interval of that mean by Student's t would be too narrow.

    Args:
        levels: (n_variants, n_repetitions), two repetitions at least; more is better.

    Returns:
        (n_repetitions,) numbers of variants; of equals the first.
    """
    others = levels.sum(axis=1, keepdims=True) - levels
    return tuple(int(number) for number in others.argmax(axis=0))


def _signs(n: int) -> FloatArray:
    """(n_flips, n) of which the first flips nothing."""
    if n <= _EXACT_UP_TO:
        return np.array(list(product((1.0, -1.0), repeat=n)))
    drawn = Streams(0).generator(Purpose.SIGN_FLIPS).choice((1.0, -1.0), (_N_FLIPS, n))
    return np.vstack([np.ones(n), drawn])


def _t(differences: FloatArray, signs: FloatArray) -> FloatArray:
    """(n_flips, n_variants) Student's |t| of differences with flipped signs."""
    n = differences.shape[1]
    means = signs @ differences.T / n
    rest = np.maximum((differences**2).sum(axis=1) - n * means**2, 0)
    errors = np.sqrt(rest / (n - 1) / n)
    # what never differs has no t, and what always differs by as much an infinite one
    tiny = 1e-9 * np.sqrt((differences**2).mean(axis=1))
    t: FloatArray = np.abs(means) / np.where(errors > tiny, errors, np.inf)
    t[(errors <= tiny) & (means != 0)] = np.inf
    return t


def _step_down(seen: FloatArray, flipped: FloatArray) -> Sequence[float]:
    """The p of every variant: how often the largest t of those that aren't clearer is as large.

    Args:
        seen: (n_variants,) |t|
        flipped: (n_flips, n_variants) |t|
    """
    order = np.argsort(-seen, kind="stable")
    largest = np.maximum.accumulate(flipped[:, order[::-1]], axis=1)[:, ::-1]
    close = 1 - 1e-9  # flips that mirror each other differ by rounding
    ps = np.empty(len(seen))
    ps[order] = np.maximum.accumulate((largest >= close * seen[order]).mean(axis=0))
    return [float(p) for p in ps]
