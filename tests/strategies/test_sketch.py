from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.audio import FloatArray
from fedasc.strategies.sketch import sketches
from tests.aggregators.test_mixture import (
    random_full_mixture,
    random_mixture,
    random_tied_mixture,
)
from tests.strategies.contents import around

SCALE = (np.full(45, -20.0), np.linspace(5, 15, 45))
N_DRAWN = 3000


def kernel(x: FloatArray, y: FloatArray) -> float:
    """Mean of a Gaussian kernel as wide as two standardised sequences are apart."""
    return float(np.exp(-cdist(x, y, "sqeuclidean") / (2 * x.shape[1])).mean())


def discrepancy(one: Mixture, other: Mixture) -> float:
    """The squared maximum mean discrepancy, estimated from draws without bias."""
    rng = np.random.default_rng(2)
    x, x2, y, y2 = (
        (mixture.sample(N_DRAWN, rng=rng) - SCALE[0]) / SCALE[1]
        for mixture in (one, one, other, other)
    )
    return kernel(x, x2) + kernel(y, y2) - 2 * kernel(x, y)


@pytest.mark.parametrize("make", [random_mixture, random_full_mixture, random_tied_mixture])
@pytest.mark.parametrize("seed", range(3))
def test_squared_distances_are_maximum_mean_discrepancies(
    make: Callable[..., Mixture], seed: int
) -> None:
    one, other = (make(n, seed=10 * seed + n) for n in (2, 4))
    a, b = sketches([one, other], scale=SCALE, rng=np.random.default_rng(seed))
    expected = discrepancy(one, other)
    assert expected > 0.04, "they must differ"
    assert np.sum((a - b) ** 2) == pytest.approx(expected, rel=0.15)


def test_equal_mixtures_have_equal_sketches() -> None:
    """However their components are cut and ordered."""
    whole = around(0.0, 5.0, weights=(0.5, 0.5))
    cut = around(5.0, 0.0, 5.0, weights=(0.25, 0.5, 0.25))
    a, b = sketches([whole, cut], scale=SCALE, rng=np.random.default_rng(1))
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_features_are_a_mixture_of_points() -> None:
    """As with components so narrow that they might as well be points."""
    x = random_mixture(3).sample(30, rng=np.random.default_rng(1))
    shares = np.full(30, 1 / 30, np.float32)
    points = Mixture(shares, x, np.full_like(x, 1e-12))
    a, b = sketches([Features(x), points], scale=SCALE, rng=np.random.default_rng(1))
    np.testing.assert_allclose(a, b, atol=1e-7)


def test_many_features_are_near_the_mixture_that_they_come_from() -> None:
    near, far = random_mixture(3), random_mixture(3, seed=9)
    features = Features(near.sample(5000, rng=np.random.default_rng(1)))
    a, b, c = sketches([features, near, far], scale=SCALE, rng=np.random.default_rng(1))
    assert np.linalg.norm(a - b) < 0.1 * np.linalg.norm(a - c)


def test_the_order_of_features_changes_nothing_but_rounding() -> None:
    x = random_mixture(3).sample(30, rng=np.random.default_rng(1))
    a, b = sketches([Features(x), Features(x[::-1])], scale=SCALE, rng=np.random.default_rng(1))
    np.testing.assert_allclose(a, b, atol=1e-12)


def test_the_further_apart_the_larger_the_distance() -> None:
    found = sketches(
        [around(-20.0 + 3 * step) for step in range(5)], scale=SCALE, rng=np.random.default_rng(1)
    )
    distances = np.linalg.norm(found - found[0], axis=1)
    assert (np.diff(distances) > 0).all()


def test_scaled_features_with_another_scale_have_the_same_sketch() -> None:
    """The unit of features doesn't matter, if the server's features have the same unit."""
    mixture = random_mixture(3)
    tenfold = Mixture(mixture.weights, 10 * mixture.means, 100 * mixture.covariances)
    (a,) = sketches([mixture], scale=SCALE, rng=np.random.default_rng(1))
    scale = (10 * SCALE[0], 10 * SCALE[1])
    (b,) = sketches([tenfold], scale=scale, rng=np.random.default_rng(1))
    np.testing.assert_allclose(a, b, atol=1e-5)
