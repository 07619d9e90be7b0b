"""Robust means of what devices send: a few that lie can't move them far.

Rows are what devices learnt, (n_devices, n_numbers) in units that make numbers alike. Whatever is
added up is so in the order of devices or of numbers.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import in_order
from fedasc.audio import FloatArray

MOST_WINDOWS = 2.0
"""How many times the median a device may claim to have heard, where it is believed at all."""


def bounded(weights: FloatArray, *, most: float = MOST_WINDOWS) -> FloatArray:
    """(n_devices,) weights of which none is larger than so many times their median."""
    limited: FloatArray = np.minimum(weights, most * np.median(weights))
    return limited


def mean(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_numbers,) the mean by weights (n_devices,), see McMahan et al. (2017)."""
    total = in_order(weights[None])[0]
    return in_order(rows.T * (weights / total))


def median(rows: FloatArray) -> FloatArray:
    """(n_numbers,) median of each number by itself (Yin et al. 2018)."""
    middle: FloatArray = np.median(rows, axis=0)
    return middle


def trimmed_mean(rows: FloatArray, *, share: float) -> FloatArray:
    """(n_numbers,) mean of each number without its extremes (Yin et al. 2018).

    Args:
        share: Of the devices, left out at either end; rounded down.
    """
    n = int(share * len(rows))
    kept = np.sort(rows, axis=0)[n : len(rows) - n]
    return in_order(kept.T) / len(kept)


def clipping(rows: FloatArray, *, most: float) -> FloatArray:
    """(n_devices,) factors that leave no row longer than so many times the median length.

    What is no longer than that has the factor 1 (norm clipping, see Sun et al. 2019).
    """
    lengths = np.sqrt(in_order(rows**2))
    limit = most * np.median(lengths)
    is_longer = lengths > limit
    return np.where(is_longer, limit / np.where(is_longer, lengths, 1), 1)


def krum(rows: FloatArray, *, n_liars: int, n_kept: int) -> NDArray[np.int64]:
    """(n_kept,) numbers of the rows that lie nearest to most others (Blanchard et al. 2017).

    A row's score is the sum of its squared distances from the n - n_liars - 2 nearest others, or
    from the nearest if those are none; of equal scores the first counts.

    Args:
        n_liars: Rows that may be anything.
        n_kept: Rows to take: one is Krum, more are multi-Krum.

    Returns:
        In rising order.
    """
    n_near = max(1, len(rows) - n_liars - 2)
    squares = np.stack([in_order((rows - row) ** 2) for row in rows])
    scores = in_order(np.sort(squares, axis=1)[:, 1 : n_near + 1])  # the first is its own, 0
    return np.sort(np.argsort(scores, kind="stable")[:n_kept])
