"""What is rehearsed: labelled samples that a classifier is retrained on beside artificial ones."""

from dataclasses import replace
from typing import Literal

import numpy as np

from fedasc.arithmetic.functions import exp
from fedasc.audio import FloatArray
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.server import Server
from fedasc.strategies.regression import log_odds

Rehearsal = Literal["baseline", "comprehensive", "nearest"]

_MOST_LOG_ODDS = 6.0
_STRENGTH = 0.1


def rehearsed(
    server: Server, rehearsal: Rehearsal, artificial: Samples, *, tempering: float
) -> tuple[TrainingSet, EmbeddedClassifier]:
    """A labelled set of the server's, and the classifier that was trained on it.

    Args:
        rehearsal: Which set, as its classifier was taught it (see `fedasc.transfer`): nearest is
            the comprehensive one, weighted by `nearest`.
        artificial: Those to train on.
        tempering: See `nearest`.
    """
    if rehearsal == "baseline":
        return server.baseline_transfer_set, server.baseline
    known = server.comprehensive_transfer_set
    if rehearsal == "nearest":
        training = nearest(known.training, artificial, tempering=tempering)
        known = replace(known, training=training)
    return known, server.comprehensive


def nearest(rehearsed: Samples, artificial: Samples, *, tempering: float) -> Samples:
    """Rehearsed samples, weighted by how much they are like a user's: (p_user / p_all)^tempering.

    The ratio of densities is the odds of a classifier that tells artificial samples from rehearsed
    ones (Bickel, Brückner and Scheffer 2007): a logistic regression on the features and their
    squares, which is what the ratio of two diagonal Gaussians depends on.

    Args:
        tempering: 0 weights all alike, 1 by the full ratio.

    Returns:
        The same samples, whose weights have the mean 1; as they are if nothing is artificial.
    """
    if not len(artificial):
        return rehearsed
    odds = log_odds(
        _inputs(rehearsed, artificial),
        np.repeat([False, True], [len(rehearsed), len(artificial)]),
        strength=_STRENGTH,
    )[: len(rehearsed)]
    weights = exp(tempering * np.clip(odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS))
    return rehearsed.weighted(weights / weights.mean())


def _inputs(rehearsed: Samples, artificial: Samples) -> FloatArray:
    """(n_samples, 2 n_features) features and squares, in standard deviations of the rehearsed."""
    x = rehearsed.x.astype(np.float64)
    standardised = (np.concatenate([x, artificial.x]) - x.mean(axis=0)) / x.std(axis=0)
    return np.concatenate([standardised, standardised**2], axis=1)
