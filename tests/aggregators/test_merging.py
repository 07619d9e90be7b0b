import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.merging import merged
from fedasc.aggregators.mixture import Mixture
from tests.aggregators.test_mixture import random_mixture

Array = NDArray[np.float64]


def moments(mixture: Mixture) -> tuple[Array, Array]:
    weights = mixture.weights[:, None].astype(np.float64)
    mean = (weights * mixture.means).sum(axis=0)
    return mean, (weights * (mixture.covariances + (mixture.means - mean) ** 2)).sum(axis=0)


@pytest.mark.parametrize("n_components", [1, 4, 11])
def test_the_moments_of_the_whole_stay(n_components: int) -> None:
    mixture = random_mixture(12, seed=3)
    fewer = merged(mixture, n_components)
    assert fewer.n_components == n_components
    for one, other in zip(moments(fewer), moments(mixture), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)


def test_those_are_merged_that_it_costs_least_for() -> None:
    """By brute force, after Runnalls' bound as he writes it."""
    mixture = random_mixture(6, seed=4)
    costs = {}
    for one in range(6):
        for other in range(one + 1, 6):
            pair = np.array([one, other])
            weights = mixture.weights[pair].astype(np.float64)
            part = Mixture(
                (weights / weights.sum()).astype(np.float32),
                mixture.means[pair],
                mixture.covariances[pair],
            )
            _, together = moments(part)
            volumes = np.log(mixture.covariances[pair].astype(np.float64)).sum(axis=1)
            cost = (weights.sum() * np.log(together).sum() - weights @ volumes) / 2
            costs[one, other] = float(cost)
    least = min(costs, key=lambda pair: costs[pair])
    fewer = merged(mixture, 5)
    left = np.delete(mixture.means, least, axis=0)
    assert all((fewer.means == mean).all(axis=1).any() for mean in left)


def test_of_enough_components_it_is_the_mixture() -> None:
    mixture = random_mixture(5)
    assert merged(mixture, 5) is mixture
    assert merged(mixture, 9) is mixture
