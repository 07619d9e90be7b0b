"""Shares of scenes: how often a user meets each, and classifiers that reckon with it."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import log
from fedasc.audio import FloatArray
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.scenes import N_SCENES
from fedasc.strategies.strategy import Strategy

Shares = Literal["none", "mixture", "told"]

_UNSEEN = 0.02
"""Share of time in which any scene may be met, whatever is known: none is ever ruled out."""


@dataclass(frozen=True, kw_only=True)
class ShareAware(Strategy):
    """The part of a strategy's settings that says what is made of how often scenes are met.

    A user who talks all day is better served by a classifier that expects speech. One who meets
    scenes about as often as they occurred in training isn't: she pays for the estimate's errors.

    Args:
        shares: Where they are known from: nowhere (none); the teacher's labels of samples of a
            user's mixture (mixture); or the truth, which no server knows, as a ceiling (told).
        clear_share: Largest share of a scene from which on a classifier reckons with shares; with
            0.25 everybody's does.

    Raises:
        SettingsError: If a value can't be used.
    """

    shares: Shares = "none"
    clear_share: float = 0.4

    def __post_init__(self) -> None:
        section = self.name
        check_choices(self, section=section)
        if not 1 / N_SCENES <= self.clear_share <= 1:
            raise SettingsError(
                f"{section}: clear_share must be in [0.25, 1], got {self.clear_share}"
            )

    def reckoning(
        self, classifier: EmbeddedClassifier, shares: FloatArray, *, prior: FloatArray
    ) -> EmbeddedClassifier:
        """The classifier for somebody who meets scenes so often, if that is clear enough.

        Args:
            shares: (4,) of her day.
            prior: (4,) of what the classifier was trained on.
        """
        if self.shares == "none" or shares.max() < self.clear_share:
            return classifier
        return expecting(classifier, shares, prior=prior)


def shares_in(targets: NDArray[Any]) -> FloatArray:
    """How often each scene occurs.

    Args:
        targets: (n_samples, 4) weight of every scene in each sample, for example a teacher's
            probabilities (the probability average of Bella et al. 2010).

    Returns:
        (4,) which add up to 1, none of them 0; all alike without samples.
    """
    sums: FloatArray = targets.sum(axis=0, dtype=np.float64)
    total = sum(sums.tolist())
    shares = sums / total if total else np.full(N_SCENES, 1 / N_SCENES)
    return (1 - _UNSEEN) * shares + _UNSEEN / N_SCENES


def counted(scene: NDArray[np.int64]) -> FloatArray:
    """The same of windows of known scenes (n_windows,)."""
    return shares_in(np.eye(N_SCENES)[scene])


def expecting(
    classifier: EmbeddedClassifier, shares: FloatArray, *, prior: FloatArray
) -> EmbeddedClassifier:
    """The classifier with the output biases that other shares of scenes ask for.

    By Bayes' rule the odds of scenes change by the ratio of their shares (Saerens, Latinne and
    Decaestecker 2002, eq. 4), and the logarithm of odds is what an output is.

    Args:
        shares: (4,) of scenes where it will be used.
        prior: (4,) of scenes in what it was trained on.
    """
    biases = classifier.output_biases.astype(np.float64) + log(shares) - log(prior)
    return replace(classifier, output_biases=biases.astype(np.float32))
