import tracemalloc
from collections.abc import Callable
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


def random_full_mixture(n_components: int, n_features: int = 45, *, seed: int = 0) -> Mixture:
    rng = np.random.default_rng(seed)
    diagonal = random_mixture(n_components, n_features, seed=seed)
    roots = rng.normal(scale=2, size=(n_components, n_features, n_features))
    lower = np.tril(roots @ np.swapaxes(roots, 1, 2) + 0.5 * np.eye(n_features)).astype(np.float32)
    full = lower + np.swapaxes(np.tril(lower, -1), 1, 2)
    return Mixture(diagonal.weights, diagonal.means, full)


def random_tied_mixture(n_components: int, n_features: int = 45, *, seed: int = 0) -> Mixture:
    one = random_full_mixture(1, n_features, seed=seed)
    many = random_mixture(n_components, n_features, seed=seed)
    return Mixture(many.weights, many.means, one.covariances)


MAKERS = [random_mixture, random_full_mixture, random_tied_mixture]


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
    compare_densities(mixture, reference, seed, dtype)


@given(
    seed=st.integers(0, 2**32 - 1),
    n_components=st.integers(1, 4),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_density_with_full_covariances_is_that_of_scikit_learn(
    seed: int, n_components: int, dtype: type
) -> None:
    mixture = random_full_mixture(n_components, seed=seed)
    reference = GaussianMixture(n_components, covariance_type="full")
    reference.weights_ = mixture.weights.astype(np.float64)
    reference.means_ = mixture.means.astype(np.float64)
    inverse = np.linalg.inv(np.linalg.cholesky(mixture.covariances.astype(np.float64)))
    reference.precisions_cholesky_ = np.swapaxes(inverse, 1, 2)
    compare_densities(mixture, reference, seed, dtype)


@given(seed=st.integers(0, 2**32 - 1), n_components=st.integers(1, 4))
def test_density_with_a_tied_covariance_is_that_of_scikit_learn(
    seed: int, n_components: int
) -> None:
    mixture = random_tied_mixture(n_components, seed=seed)
    reference = GaussianMixture(n_components, covariance_type="tied")
    reference.weights_ = mixture.weights.astype(np.float64)
    reference.means_ = mixture.means.astype(np.float64)
    reference.precisions_cholesky_ = np.linalg.inv(
        np.linalg.cholesky(mixture.covariances[0].astype(np.float64))
    ).T
    compare_densities(mixture, reference, seed, np.float32)


def compare_densities(mixture: Mixture, reference: GaussianMixture, seed: int, dtype: type) -> None:
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


def test_draws_have_the_covariance_of_their_component() -> None:
    one = np.array([[4, 3, 0], [3, 9, -2], [0, -2, 1]], np.float32)
    other = np.diag([1, 2, 3]).astype(np.float32)
    means = np.array([[-1000, 0, 0], [1000, 5, 0]], np.float32)
    mixture = Mixture(np.array([0.75, 0.25], np.float32), means, np.stack([one, other]))
    n = 40_000
    drawn = mixture.sample(n, rng=np.random.default_rng(0)).astype(np.float64)
    assert drawn.dtype == np.float64
    for sign, weight, mean, covariance in zip(
        (-1, 1), (0.75, 0.25), means, (one, other), strict=True
    ):
        own = drawn[np.sign(drawn[:, 0]) == sign]
        assert abs(len(own) - n * weight) < 5 * np.sqrt(n * 0.75 * 0.25)
        scales = np.sqrt(np.diag(covariance))
        np.testing.assert_array_less(
            np.abs(own.mean(axis=0) - mean) / scales, 5 / np.sqrt(len(own))
        )
        errors = (np.cov(own, rowvar=False) - covariance) / np.outer(scales, scales)
        assert np.abs(errors).max() < 5 * np.sqrt(2 / len(own))


def test_draws_of_tied_components_have_the_covariance_that_is_shared() -> None:
    one = np.array([[[4, 3, 0], [3, 9, -2], [0, -2, 1]]], np.float32)
    means = np.array([[-1000, 0, 0], [1000, 5, 0]], np.float32)
    mixture = Mixture(np.array([0.75, 0.25], np.float32), means, one)
    drawn = mixture.sample(40_000, rng=np.random.default_rng(0)).astype(np.float64)
    np.testing.assert_array_equal(mixture.variances, [[4, 9, 1]] * 2)
    for sign, mean in zip((-1, 1), means, strict=True):
        own = drawn[np.sign(drawn[:, 0]) == sign]
        scales = np.sqrt([4, 9, 1])
        np.testing.assert_array_less(
            np.abs(own.mean(axis=0) - mean) / scales, 5 / np.sqrt(len(own))
        )
        errors = (np.cov(own, rowvar=False) - one[0]) / np.outer(scales, scales)
        assert np.abs(errors).max() < 5 * np.sqrt(2 / len(own))


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
    assert n_bytes(mixture) == 32 * (1 + 45 + 45) * 4
    assert n_bytes(random_full_mixture(4)) == 4 * (1 + 45 + 45 * 46 // 2) * 4
    assert n_bytes(random_tied_mixture(32)) == (32 * (1 + 45) + 45 * 46 // 2) * 4


def n_bytes(mixture: Mixture) -> int:
    return sum(array.nbytes for array in mixture.arrays().values())


@pytest.mark.parametrize("make", MAKERS)
def test_is_the_same_after_the_wire(make: Callable[..., Mixture]) -> None:
    mixture = make(3)
    arrived = Mixture.of_arrays(mixture.arrays())
    assert arrived.covariances.tobytes() == mixture.covariances.tobytes()
    assert arrived.means.tobytes() == mixture.means.tobytes()
    assert arrived.weights.tobytes() == mixture.weights.tobytes()


@given(
    make=st.sampled_from(MAKERS),
    seed=st.integers(0, 2**32 - 1),
    n_components=st.integers(1, 4),
    n_features=st.sampled_from([2, 3, 45]),
)
def test_is_the_same_after_parameters_but_for_rounding(
    make: Callable[..., Mixture], seed: int, n_components: int, n_features: int
) -> None:
    mixture = make(n_components, n_features, seed=seed)
    found = Mixture.of_parameters(mixture.parameters())
    assert found.covariances.shape == mixture.covariances.shape
    np.testing.assert_allclose(found.weights, mixture.weights, rtol=1e-5)
    np.testing.assert_array_equal(found.means, mixture.means)
    np.testing.assert_allclose(found.variances, mixture.variances, rtol=1e-4)
    largest = np.abs(mixture.covariances).max()
    np.testing.assert_allclose(found.covariances, mixture.covariances, atol=1e-5 * largest)


@given(
    make=st.sampled_from(MAKERS),
    seed=st.integers(0, 2**32 - 1),
    by=st.sampled_from([1e-3, 0.1, 1.0]),
)
def test_parameters_that_were_moved_are_a_mixture_still(
    make: Callable[..., Mixture], seed: int, by: float
) -> None:
    rng = np.random.default_rng(seed)
    moved = {
        name: (array + rng.uniform(-by, by, array.shape)).astype(np.float32)
        for name, array in make(3, seed=seed).parameters().items()
    }
    found = Mixture.of_parameters(moved)
    assert found.weights.sum() == pytest.approx(1, abs=1e-5)
    expected = moved["weights"][0] - moved["weights"][1]
    assert np.log(found.weights[0] / found.weights[1]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["weights", "means", "covariances"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_parameters_without_bound_are_refused(
    make: Callable[..., Mixture], name: str, value: float
) -> None:
    parameters = dict(make(3).parameters())
    parameters[name] = spoilt(parameters[name], value)
    with pytest.raises(MessageError, match="mixture"):
        Mixture.of_parameters(parameters)


@pytest.mark.parametrize("value", [1e4, -1e4])
@pytest.mark.parametrize("name", ["weights", "covariances"])
def test_logarithms_of_nothing_and_of_too_much_are_refused(name: str, value: float) -> None:
    parameters = dict(random_mixture(3).parameters())
    parameters[name] = spoilt(parameters[name], value)
    with pytest.raises(MessageError, match="mixture"):
        Mixture.of_parameters(parameters)


def test_allows_for_rounding_of_the_weights() -> None:
    good = random_mixture(32)
    Mixture(good.weights * np.float32(1 + 1e-5), good.means, good.variances)


def spoilt(array: Array, value: float) -> Array:
    changed = array.copy()
    changed.flat[1] = value
    return changed


GOOD = random_mixture(4)
FULL = random_full_mixture(4)


def changed(*places: tuple[int, int, int], by: float) -> Array:
    """Full covariances with something added in places."""
    array = FULL.covariances.copy()
    for place in places:
        array[place] += by
    return array


INVALID = {
    "half a covariance changed": (FULL.weights, FULL.means, changed((0, 3, 2), by=1e-3)),
    "a covariance too large": (FULL.weights, FULL.means, changed((1, 3, 2), (1, 2, 3), by=1e4)),
    "a matrix with a variance of zero": (FULL.weights, FULL.means, 0 * FULL.covariances),
    "a matrix that is NaN": (FULL.weights, FULL.means, changed((0, 3, 3), by=np.nan)),
    "a matrix without bound": (FULL.weights, FULL.means, changed((2, 3, 1), (2, 1, 3), by=np.inf)),
    "matrices of fewer features": (FULL.weights, FULL.means, FULL.covariances[:, 1:, 1:]),
    "fewer matrices than means": (FULL.weights, FULL.means, FULL.covariances[1:]),
    "a single variance of many features": (GOOD.weights, GOOD.means, GOOD.variances[:1]),
    "a tied covariance of half": (FULL.weights, FULL.means, changed((0, 3, 2), by=1e-3)[:1]),
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


@pytest.mark.parametrize("name", ["weights", "means", "covariances"])
def test_other_numbers_than_those_of_the_wire_are_refused(name: str) -> None:
    arrays = dict(random_mixture(3).arrays())
    arrays[name] = arrays[name].astype(np.float64)
    with pytest.raises(MessageError, match=r"mixture: expected float32, got .*float64"):
        Mixture.of_arrays(arrays)


def test_triangles_of_no_component_ask_for_no_memory() -> None:
    """Of 20,000 features, whose matrices would take gigabytes."""
    n = 20_000
    shapes = {"weights": (0,), "means": (0, n), "covariances": (0, n * (n + 1) // 2)}
    arrays = {name: np.empty(shape, np.float32) for name, shape in shapes.items()}
    tracemalloc.start()
    try:
        with pytest.raises(MessageError, match="expected"):
            Mixture.of_arrays(arrays)
        assert tracemalloc.get_traced_memory()[1] < 10**5
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", MAKERS)
def test_a_mixture_claims_its_means_and_deviations(make: Callable[..., Mixture]) -> None:
    mixture = make(3, 5)
    claims = mixture.claims()
    assert claims.points is mixture.means
    assert claims.spreads is not None
    np.testing.assert_allclose(claims.spreads**2, mixture.variances, rtol=1e-5)
    assert claims.n_windows is None


@pytest.mark.parametrize("random", MAKERS)
def test_most_likely_component_is_that_of_scikit_learn(
    random: Callable[..., Mixture],
) -> None:
    mixture = random(4, 5, seed=2)
    x = mixture.sample(500, rng=np.random.default_rng(0))
    judge = GaussianMixture(4, covariance_type="full" if mixture.is_full else "diag")
    judge.weights_, judge.means_ = mixture.weights.astype(float), mixture.means.astype(float)
    covariances = mixture.covariances.astype(float)
    if len(covariances) == 1:
        covariances = np.repeat(covariances, 4, axis=0)
    judge.precisions_cholesky_ = (
        np.linalg.inv(np.linalg.cholesky(covariances)).transpose(0, 2, 1)
        if mixture.is_full
        else 1 / np.sqrt(covariances)
    )
    np.testing.assert_array_equal(mixture.component_of(x), judge.predict(x))
