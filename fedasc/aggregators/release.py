"""Which components of a mixture may leave a device."""

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.covariances import rounded
from fedasc.aggregators.mixture import Mixture
from fedasc.audio import FloatArray

ALMOST = 1 - 1e-9
"""Factor of the least weight where weights came about in many steps, each of which rounds."""


def may_leave(weights: FloatArray, least: float) -> NDArray[np.bool_]:
    """(n_components,) those that stand for enough windows: the mean of one is a window's features.

    Args:
        weights: (n_components,) shares of the windows, with sum 1.
        least: Weight that is enough. Where no component has it, the heaviest leaves nonetheless;
            of no more components than windows allow, that one stands for all there is.
    """
    allowed: NDArray[np.bool_] = weights >= min(least, weights.max())
    return allowed


def released(
    weights: FloatArray, means: FloatArray, covariances: FloatArray, *, least: float
) -> Mixture:
    """The mixture of the components that may leave, in the precision of the wire.

    Args:
        weights: (n_components,)
        means: (n_components, n_features)
        covariances: As a mixture has them, in float64.
        least: See `may_leave`.
    """
    own = may_leave(weights, least)
    tied = covariances.ndim == 3 and len(covariances) < len(weights)
    kept = covariances if tied else covariances[own]
    return Mixture(
        (weights[own] / weights[own].sum()).astype(np.float32),
        means[own].astype(np.float32),
        kept.astype(np.float32) if kept.ndim == 2 else rounded(kept),
    )
