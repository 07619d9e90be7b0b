"""How far a classifier's certainty can be believed (Guo et al. 2017)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays

N_BINS = 15  # of equal width, as in Guo et al. 2017


@dataclass(frozen=True, eq=False)
class Reliability:
    """Windows by the probability of their likeliest scene, in bins of equal width from 0 to 1.

    Args:
        n_windows: (n_bins,) windows in each bin.
        n_right: (n_bins,) how many of them were right.
        confidence: (n_bins,) sum of their probabilities.
    """

    n_windows: NDArray[np.int64]
    n_right: NDArray[np.int64]
    confidence: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    def __add__(self, other: "Reliability") -> "Reliability":
        return Reliability(
            self.n_windows + other.n_windows,
            self.n_right + other.n_right,
            self.confidence + other.confidence,
        )

    @property
    def error(self) -> float:
        """Expected calibration error; NaN without windows.

        The mean over windows of how far a bin's share of right windows lies from its mean
        probability (Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3).
        """
        total = self.n_windows.sum()
        if not total:
            return float("nan")
        return float(np.abs(self.n_right - self.confidence).sum() / total)

    def curve(self) -> FloatArray:
        """(n_filled_bins, 3) mean probability, share right and share of all windows, rising."""
        filled = self.n_windows > 0
        n = self.n_windows[filled]
        return np.stack(
            [self.confidence[filled] / n, self.n_right[filled] / n, n / n.sum()], axis=1
        )


def reliability(
    true: NDArray[np.int64], probabilities: NDArray[Any], *, n_bins: int = N_BINS
) -> Reliability:
    """Sort windows into bins by certainty.

    Args:
        true: (n_windows,) scenes.
        probabilities: (n_windows, n_scenes)
    """
    certainty = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == true
    bins = np.minimum((certainty * n_bins).astype(np.int64), n_bins - 1)
    return Reliability(
        np.bincount(bins, minlength=n_bins),
        np.bincount(bins[right], minlength=n_bins),
        np.bincount(bins, weights=certainty, minlength=n_bins).astype(np.float64),
    )


NO_WINDOWS = reliability(np.empty(0, np.int64), np.empty((0, N_SCENES)))
"""Of a device that was never judged."""
