"""What is rehearsed: labelled samples that a classifier is retrained on beside artificial ones."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from fedasc.audio import FloatArray
from fedasc.models.samples import Samples

_MOST_LOG_ODDS = 6.0
_PENALTY = 0.1
_N_ITERATIONS = 300


def nearest(rehearsed: Samples, artificial: Samples, *, tempering: float) -> Samples:
    """Rehearsed samples, weighted by how much they are like a user's: (p_user / p_all)^tempering.

    The ratio of densities is the odds of a classifier that tells artificial samples from rehearsed
    ones (Bickel, Brückner and Scheffer 2007): a logistic regression on the features and their
    squares, which is what the ratio of two diagonal Gaussians depends on.

    Args:
        tempering: 0 weights all alike, 1 by the full ratio.

    Returns:
        The same samples, whose weights have the mean 1.
    """
    odds = _log_odds(rehearsed.x, artificial.x)
    weights = np.exp(tempering * np.clip(odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS))
    return rehearsed.weighted(weights / weights.mean())


def _log_odds(x: NDArray[Any], own: NDArray[Any]) -> FloatArray:
    """(n_samples,) logarithm of the odds that each of x is one of own."""
    centre, spread = x.mean(axis=0, dtype=np.float64), x.std(axis=0, dtype=np.float64)

    def inputs(some: NDArray[Any]) -> FloatArray:
        standardised = (some - centre) / spread
        return np.concatenate([standardised, standardised**2], axis=1)

    is_own = np.repeat([0, 1], [len(x), len(own)])
    model = LogisticRegression(C=_PENALTY, max_iter=_N_ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(np.concatenate([inputs(x), inputs(own)]), is_own)
    odds: FloatArray = model.decision_function(inputs(x))
    return odds
