"""What is rehearsed: labelled samples that a classifier is retrained on beside artificial ones."""

import numpy as np

from fedasc.arithmetic.functions import exp
from fedasc.audio import FloatArray
from fedasc.models.samples import Samples
from fedasc.strategies.regression import log_odds

_MOST_LOG_ODDS = 6.0
_STRENGTH = 0.1


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
