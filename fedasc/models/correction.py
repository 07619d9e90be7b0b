"""What corrects a teacher's probabilities: a temperature, or a rising function for each scene.

A sample's corrected probabilities depend on nothing but its own, and are the same on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import in_order, log, softmax
from fedasc.audio import FloatArray
from fedasc.values import lock_arrays

Correction = Callable[[FloatArray], FloatArray]
"""From a teacher's probabilities, (n_samples, n_scenes), to better ones."""

LEAST = 1e-12
"""Added to probabilities so that no logarithm is infinite, as in scikit-learn's
CalibratedClassifierCV."""

_MOST_FACTOR = 22026.0  # about e¹⁰, likewise
_N_HALVINGS = 64


@dataclass(frozen=True)
class Temperature:
    """One temperature for all scenes, which leaves every label as it is (Guo et al. 2017).

    Args:
        factor: Of the logarithms of probabilities; 1 over the temperature.
    """

    factor: float

    @classmethod
    def fitted(cls, told: FloatArray, scene: NDArray[np.int64]) -> "Temperature":
        """The one with the least log loss, whose slope in the factor has a single zero.

        Args:
            told: (n_samples, n_scenes) probabilities.
            scene: (n_samples,) the truth.
        """
        logits = log(told + LEAST)
        of_truth = logits[np.arange(len(scene)), scene]
        low, high = 1 / _MOST_FACTOR, _MOST_FACTOR
        for _ in range(_N_HALVINGS):
            middle = float(np.sqrt(low * high))
            expected = in_order(softmax(middle * logits) * logits)
            if (expected - of_truth).sum() > 0:
                high = middle
            else:
                low = middle
        return cls(high)

    def __call__(self, told: FloatArray) -> FloatArray:
        return softmax(self.factor * log(told + LEAST)) if len(told) else told


@dataclass(frozen=True, eq=False)
class Rising:
    """A function that rises from threshold to threshold, and is constant outside of them.

    Args:
        thresholds: (n,) from the least on.
        values: (n,) there.
    """

    thresholds: FloatArray
    values: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    def __call__(self, x: FloatArray) -> FloatArray:
        """Values at (n_samples,), on the line between those of the thresholds around each."""
        if len(self.values) == 1:
            return np.full(x.shape, self.values[0])
        within = np.clip(x, self.thresholds[0], self.thresholds[-1])
        upper = np.searchsorted(self.thresholds[1:-1], within, side="right") + 1
        start, low, high = self.thresholds[upper - 1], self.values[upper - 1], self.values[upper]
        steepness = (high - low) / (self.thresholds[upper] - start)
        values: FloatArray = np.minimum(low + steepness * (within - start), high)
        return values


@dataclass(frozen=True)
class Isotonic:
    """A rising function for each scene against the rest (Zadrozny and Elkan 2002).

    Args:
        scenes: By scene, from its probability to how often it is right.
    """

    scenes: tuple[Rising, ...]

    @classmethod
    def fitted(cls, told: FloatArray, scene: NDArray[np.int64]) -> "Isotonic":
        """The functions with the least squared error.

        Args:
            told: (n_samples, n_scenes) probabilities.
            scene: (n_samples,) the truth.
        """
        from sklearn.isotonic import IsotonicRegression  # takes a second

        models = [
            IsotonicRegression().fit(share, (scene == number).astype(np.float64))
            for number, share in enumerate(told.T)
        ]
        return cls(tuple(Rising(model.X_thresholds_, model.y_thresholds_) for model in models))

    def __call__(self, told: FloatArray) -> FloatArray:
        """Shares of what the functions say; the same for all scenes if that is nothing."""
        raw = np.stack([rising(share) for rising, share in zip(self.scenes, told.T, strict=True)])
        total = in_order(raw.T)
        shares: FloatArray = np.divide(
            raw, total, out=np.full(raw.shape, 1 / len(raw)), where=total > 0
        ).T
        return shares
