from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError

Array = NDArray[Any]


def random_mixture(n_components: int, n_features: int = 45, *, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    return Mixture(
        rng.dirichlet(np.full(n_components, 5.0)).astype(np.float32),
        rng.normal(-20, 8, size=(n_components, n_features)).astype(np.float32),
        rng.uniform(0.5, 30, size=(n_components, n_features)).astype(np.float32),
    )


FAR_APART = Mixture(
    np.array([0.5, 0.3, 0.2], np.float32),
    np.array([[-1000, -5], [0, 0], [1000, 5]], np.float32),
    np.array([[1, 4], [9, 16], [25, 0.01]], np.float32),
)


@given(
    seed=st.integers(0, 2**32 - 1),
    n_components=st.integers(1, 8),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_density_is_that_of_scikit_learn(seed: int, n_components: int, dtype: type) -> None:
    mixture = random_mixture(n_components, seed=seed)
    reference = GaussianMixture(n_components, covariance_type="diag")
    reference.weights_ = mixture.weights.astype(np.float64)
    reference.means_ = mixture.means.astype(np.float64)
    reference.covariances_ = mixture.variances.astype(np.float64)
    reference.precisions_cholesky_ = reference.covariances_**-0.5
    x: Array = np.random.default_rng(seed).normal(-20, 12, size=(20, 45)).astype(dtype)
    expected = reference.score_samples(x.astype(np.float64))
    np.testing.assert_allclose(mixture.log_density(x), expected, rtol=1e-6)


@pytest.fixture(scope="module")
def drawn() -> Array:
    return FAR_APART.sample(40_000, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def component(drawn: Array) -> Array:
    """Of each draw: components lie too far apart to be mistaken."""
    nearest: Array = np.abs(drawn[:, :1] - FAR_APART.means[:, 0]).argmin(axis=1)
    return nearest


@pytest.mark.parametrize("index", range(3))
def test_draws_have_the_weight_the_mean_and_the_variance_of_their_component(
    drawn: Array, component: Array, index: int
) -> None:
    weight, variance = FAR_APART.weights[index], FAR_APART.variances[index]
    own = drawn[component == index].astype(np.float64)
    n = len(own)
    assert abs(n - 40_000 * weight) < 5 * np.sqrt(40_000 * weight * (1 - weight))
    errors = own.mean(axis=0) - FAR_APART.means[index]
    assert (np.abs(errors) < 5 * np.sqrt(variance / n)).all()
    errors = own.var(axis=0) - variance
    assert (np.abs(errors) < 5 * variance * np.sqrt(2 / n)).all()
    assert abs(np.corrcoef(own.T)[0, 1]) < 5 / np.sqrt(n)


def test_draws_come_in_random_order(component: Array) -> None:
    first, second = (np.bincount(half, minlength=3) for half in np.split(component, 2))
    spread = np.sqrt(40_000 * FAR_APART.weights * (1 - FAR_APART.weights))
    assert (np.abs(first - second) < 5 * spread).all()
    stays = np.mean(component[1:] == component[:-1])
    expected = np.sum(FAR_APART.weights**2)
    assert abs(stays - expected) < 5 * np.sqrt(expected / 40_000)


@given(seed=st.integers(0, 2**32 - 1), n_samples=st.integers(0, 50), n_components=st.integers(1, 5))
def test_draws_repeat_with_their_stream_and_go_on_with_it(
    seed: int, n_samples: int, n_components: int
) -> None:
    mixture = random_mixture(n_components)
    one, other = np.random.default_rng(seed), np.random.default_rng(seed)
    first = mixture.sample(n_samples, rng=one)
    assert first.shape == (n_samples, 45)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, mixture.sample(n_samples, rng=other))
    if n_samples:
        assert not np.array_equal(first, mixture.sample(n_samples, rng=one))


def test_knows_its_size_on_the_wire() -> None:
    mixture = random_mixture(32)
    assert mixture.n_components == 32
    assert mixture.n_bytes == 32 * (1 + 45 + 45) * 4


def test_allows_for_rounding_of_the_weights() -> None:
    good = random_mixture(32)
    Mixture(good.weights * np.float32(1 + 1e-5), good.means, good.variances)


def spoilt(array: Array, value: float) -> Array:
    changed = array.copy()
    changed.flat[1] = value
    return changed


GOOD = random_mixture(4)
INVALID = {
    "no components": (GOOD.weights[:0], GOOD.means[:0], GOOD.variances[:0]),
    "weights without axis": (np.float32(1).reshape(()), GOOD.means, GOOD.variances),
    "weights with two axes": (GOOD.weights[:, None], GOOD.means, GOOD.variances),
    "means with one axis": (GOOD.weights, GOOD.means[:, 0], GOOD.variances[:, 0]),
    "fewer means than weights": (GOOD.weights, GOOD.means[1:], GOOD.variances[1:]),
    "fewer variances than means": (GOOD.weights, GOOD.means, GOOD.variances[1:]),
    "fewer variance features": (GOOD.weights, GOOD.means, GOOD.variances[:, 1:]),
    "weights of half the sum": (GOOD.weights / 2, GOOD.means, GOOD.variances),
    "a weight under zero": (np.array([-0.5, 0.5, 0.5, 0.5]), GOOD.means, GOOD.variances),
    "a weight of zero": (np.array([0, 0.5, 0.25, 0.25]), GOOD.means, GOOD.variances),
    "a weight that is NaN": (spoilt(GOOD.weights, np.nan), GOOD.means, GOOD.variances),
    "a mean that is NaN": (GOOD.weights, spoilt(GOOD.means, np.nan), GOOD.variances),
    "a mean without bound": (GOOD.weights, spoilt(GOOD.means, np.inf), GOOD.variances),
    "a variance of zero": (GOOD.weights, GOOD.means, spoilt(GOOD.variances, 0)),
    "a variance under zero": (GOOD.weights, GOOD.means, spoilt(GOOD.variances, -1)),
    "a variance that is NaN": (GOOD.weights, GOOD.means, spoilt(GOOD.variances, np.nan)),
    "a variance without bound": (GOOD.weights, GOOD.means, spoilt(GOOD.variances, np.inf)),
}


@pytest.mark.parametrize("name", INVALID)
def test_refuses_what_is_no_mixture(name: str) -> None:
    with pytest.raises(MessageError, match="mixture"):
        Mixture(*(np.asarray(array, np.float32) for array in INVALID[name]))
