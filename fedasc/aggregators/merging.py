"""A mixture of fewer components that says nearly the same."""

import numpy as np

from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.functions import log
from fedasc.audio import FloatArray


def merged(mixture: Mixture, n_components: int) -> Mixture:
    """With so many components at most, two of which are made one until there are no more.

    The two are those whose merging costs least: a bound on how far, as Kullback and Leibler have
    it, the mixture moves by it (Runnalls 2007, section IV). What replaces them has their weight,
    their mean and their variances, so those of the whole mixture stay as they are.

    Args:
        mixture: Diagonal.
        n_components: At least 1.
    """
    weights, means, variances = (
        array.astype(np.float64) for array in (mixture.weights, mixture.means, mixture.covariances)
    )
    if len(weights) <= n_components:
        return mixture
    costs = np.array([_costs(one, weights, means, variances) for one in range(len(weights))])
    while len(weights) > n_components:
        one, other = sorted(divmod(int(costs.argmin()), len(weights)))
        weights[one], means[one], variances[one] = (
            part[other] for part in _pairs(one, weights, means, variances)
        )
        weights, means, variances = (
            np.delete(array, other, axis=0) for array in (weights, means, variances)
        )
        costs = np.delete(np.delete(costs, other, axis=0), other, axis=1)
        costs[one] = costs[:, one] = _costs(one, weights, means, variances)
    return Mixture(
        (weights / weights.sum()).astype(np.float32),
        means.astype(np.float32),
        variances.astype(np.float32),
    )


def _pairs(
    one: int, weights: FloatArray, means: FloatArray, variances: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a component and each of them would become together."""
    both = weights[one] + weights
    share = (weights / both)[:, None]
    apart = means - means[one]
    return (
        both,
        means[one] + share * apart,
        (1 - share) * variances[one] + share * variances + (1 - share) * share * apart**2,
    )


def _costs(one: int, weights: FloatArray, means: FloatArray, variances: FloatArray) -> FloatArray:
    """(n_components,) of merging a component with each of them; infinite with itself."""
    both, _, together = _pairs(one, weights, means, variances)
    volumes = log(variances).sum(axis=1)
    costs: FloatArray = (
        both * log(together).sum(axis=1) - weights[one] * volumes[one] - weights * volumes
    ) / 2
    costs[one] = np.inf
    return costs
