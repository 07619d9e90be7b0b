"""Expectation maximisation against scikit-learn, whose draws and steps it shares."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from fedasc.aggregators.expectation import Fit, fit
from fedasc.aggregators.maximisation import Covariance
from fedasc.aggregators.starts import Start, first_shares
from fedasc.audio import FloatArray

KINDS: dict[Covariance, str] = {"diagonal": "diag", "full": "full", "tied": "tied"}
STARTS: dict[Start, str] = {
    "k-means": "kmeans",
    "k-means++": "k-means++",
    "random": "random",
    "data": "random_from_data",
}
every_kind = pytest.mark.parametrize("covariance", KINDS)
every_start = pytest.mark.parametrize("start", STARTS)


def day(n_windows: int = 1000, *, seed: int = 0, n_sounds: int = 12) -> FloatArray:
    """(n_windows, 45) from -60 to 0 dB, of sounds of which every one is louder and softer."""
    rng = np.random.default_rng(seed)
    means = rng.uniform(-50, -10, size=(n_sounds, 45))
    spreads = rng.uniform(1, 6, size=(n_sounds, 45))
    sound = rng.choice(n_sounds, p=rng.dirichlet(np.full(n_sounds, 3.0)), size=n_windows)
    levels = rng.normal(scale=4, size=(n_windows, 1))
    x = means[sound] + levels + rng.normal(scale=spreads[sound])
    return np.clip(x, -60, 0).astype(np.float32).astype(np.float64)


def fitted(
    x: FloatArray, n: int, covariance: Covariance, start: Start, *, n_steps: int = 100
) -> Fit:
    shares = first_shares(start, x, n, rng=np.random.RandomState(2))
    return fit(x, shares, covariance=covariance, floor=0.01, n_steps=n_steps)


@every_start
@every_kind
@pytest.mark.parametrize("n_components", [1, 4, 16, 32])
def test_mixtures_are_those_of_scikit_learn(
    n_components: int, covariance: Covariance, start: Start
) -> None:
    """To 1e-6, which is ten thousand times what rounding makes of these days' 2 to 40 steps.

    Steps enlarge what the first rounding left, so the last digits mean nothing; but another label
    in a cluster, or a step more or less, would be a difference of 1e-3 at least.
    """
    x = day(seed=2)
    model = GaussianMixture(
        n_components,
        covariance_type=KINDS[covariance],
        reg_covar=0.01,
        init_params=STARTS[start],
        random_state=2,
    )
    with threadpool_limits(1):  # small products wait for their threads
        model.fit(x)
    actual = fitted(x, n_components, covariance, start)
    assert actual.converged
    np.testing.assert_allclose(actual.weights, model.weights_, rtol=1e-6, atol=1e-12)
    # A component without windows stays in the middle of the day here, and there at 0 dB.
    some = model.weights_ > 1e-9
    np.testing.assert_allclose(actual.means[some], model.means_[some], rtol=1e-6, atol=1e-6)
    covariances = model.covariances_[None] if covariance == "tied" else model.covariances_
    largest = np.abs(covariances).max()
    np.testing.assert_allclose(actual.covariances, covariances, rtol=1e-6, atol=1e-8 * largest)


@every_kind
@pytest.mark.parametrize("n_steps", [1, 2, 3])
def test_after_so_many_steps_it_is_where_scikit_learn_is(
    n_steps: int, covariance: Covariance
) -> None:
    x = day(400, seed=1)
    model = GaussianMixture(
        8,
        covariance_type=KINDS[covariance],
        reg_covar=0.01,
        max_iter=n_steps,
        init_params="random",
        random_state=2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x)
    actual = fitted(x, 8, covariance, "random", n_steps=n_steps)
    assert actual.converged == model.converged_
    np.testing.assert_allclose(actual.weights, model.weights_, rtol=1e-9)
    np.testing.assert_allclose(actual.means, model.means_, rtol=1e-9)


def plainly_fitted(x: FloatArray, shares: FloatArray, *, floor: float, n_steps: int) -> Fit:
    """All shares in all diagonal components, of differences from means."""
    for step in range(n_steps + 1):
        counts = shares.sum(axis=0) + 10 * np.finfo(float).eps
        means = shares.T @ x / counts[:, None]
        deviations = x[:, None] - means
        variances = np.einsum("nk,nkf->kf", shares, deviations**2) / counts[:, None] + floor
        if step < n_steps:
            scores = np.log(counts / counts.sum()) - np.log(variances).sum(axis=1) / 2
            scores = scores - (deviations**2 / variances).sum(axis=2) / 2
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
    return Fit(counts / counts.sum(), means, variances, shares.argmax(axis=1), False)


def narrow(width_db: float) -> FloatArray:
    """(300, 45) of pairs of sounds, far from others and as near to each other as they are wide."""
    rng = np.random.default_rng(3)
    sounds = np.repeat(rng.uniform(-50, 50, size=(4, 45)), 2, axis=0)
    sounds[1::2] += width_db / 3
    return sounds[rng.integers(8, size=300)] + rng.normal(scale=width_db, size=(300, 45))


@pytest.mark.parametrize(
    ("x", "floor"),
    [
        (day(300), 0.01),
        (np.concatenate([day(300), day(1) + 500]), 0.01),
        (narrow(1e-2), 1e-6),
        (np.repeat(day(30), 10, axis=0), 1e-30),
        (np.repeat(day(30), 10, axis=0), 1e-42),
        (day(300)[:, :2], 0.01),
    ],
    ids=["any", "a far one", "narrow", "alike", "no single variance", "two features"],
)
@pytest.mark.parametrize("n_steps", [1, 2])
def test_what_single_precision_can_not_tell_is_told_all_the_same(
    x: FloatArray, floor: float, n_steps: int
) -> None:
    rng = np.random.default_rng(4)
    order = ((x - x[0]) ** 2).sum(axis=1).argsort().argsort()
    shares = np.eye(8)[order * 8 // len(x)]
    shares = 0.7 * shares + 0.3 * rng.dirichlet(np.ones(8), size=len(x))
    actual = fit(x, shares, covariance="diagonal", floor=floor, n_steps=n_steps)
    expected = plainly_fitted(x, shares, floor=floor, n_steps=n_steps)
    np.testing.assert_allclose(actual.weights, expected.weights, rtol=1e-6, atol=1e-9)
    some = expected.weights > 1e-9
    np.testing.assert_allclose(actual.means[some], expected.means[some], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(actual.assigned, expected.assigned)


@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_covariances_are_equal_to_their_transposes(covariance: Covariance) -> None:
    actual = fitted(day(), 4, covariance, "k-means").covariances
    np.testing.assert_array_equal(actual, np.swapaxes(actual, 1, 2))


@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_windows_heard_often_leave_the_floor_as_variance_however_loud(offset: float) -> None:
    x = np.repeat(day(5), 40, axis=0) + offset
    for covariance in KINDS:
        actual = fitted(x, 5, covariance, "k-means")
        variances = actual.covariances
        if variances.ndim == 3:
            variances = np.diagonal(variances, axis1=1, axis2=2)
        np.testing.assert_allclose(variances, 0.01, rtol=1e-6)
        np.testing.assert_allclose(actual.weights, 0.2)


def test_values_can_not_be_written_to() -> None:
    actual = fitted(day(100), 2, "diagonal", "k-means")
    for array in (actual.weights, actual.means, actual.covariances):
        assert not array.flags.writeable
