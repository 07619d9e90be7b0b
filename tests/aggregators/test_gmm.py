from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.errors import SettingsError


def known_mixture() -> Mixture:
    rng = np.random.default_rng(0)
    return Mixture(
        np.array([0.6, 0.3, 0.1], np.float32),
        rng.normal(-20, 15, size=(3, 45)).astype(np.float32),
        rng.uniform(1, 20, size=(3, 45)).astype(np.float32),
    )


def test_recovers_a_known_mixture() -> None:
    true, n = known_mixture(), 4000
    x = true.sample(n, rng=np.random.default_rng(1))
    found = GmmAggregator(n_components=3).fit(x, seed=0)
    match = [int(np.abs(found.means - mean).sum(axis=1).argmin()) for mean in true.means]
    assert sorted(match) == [0, 1, 2]
    shares = true.weights[:, None]
    np.testing.assert_allclose(found.weights[match], true.weights, atol=5 * np.sqrt(0.25 / n))
    errors = np.abs(found.means[match] - true.means) / np.sqrt(true.variances / (n * shares))
    assert errors.max() < 5
    errors = np.abs(found.variances[match] / true.variances - 1) / np.sqrt(2 / (n * shares))
    assert errors.max() < 5


def test_a_single_component_has_the_moments_of_the_sample() -> None:
    x = known_mixture().sample(500, rng=np.random.default_rng(1))
    found = GmmAggregator(n_components=1, variance_floor_db2=0.5).fit(x, seed=0)
    np.testing.assert_allclose(found.means[0], x.mean(axis=0, dtype=np.float64), rtol=1e-5)
    np.testing.assert_allclose(found.variances[0], x.var(axis=0, dtype=np.float64) + 0.5, rtol=1e-4)


@pytest.mark.parametrize(
    ("n_windows", "min_windows", "most"), [(2, 1, 2), (31, 1, 31), (2, 5, 1), (31, 5, 6)]
)
def test_has_no_more_components_than_windows_allow(
    n_windows: int, min_windows: int, most: int
) -> None:
    x = known_mixture().sample(n_windows, rng=np.random.default_rng(1))
    found = GmmAggregator(min_windows=min_windows).fit(x, seed=0)
    assert 1 <= found.n_components <= most
    assert found.weights.sum() == pytest.approx(1, abs=1e-5)


def test_a_window_unlike_all_others_is_not_sent_as_a_mean() -> None:
    x = known_mixture().sample(1000, rng=np.random.default_rng(1))
    x[17] += 80

    def nearest_db(min_windows: int) -> float:
        found = GmmAggregator(min_windows=min_windows).fit(x, seed=0)
        return float(np.abs(found.means - x[17]).max(axis=1).min())

    assert nearest_db(min_windows=1) < 1e-3
    assert nearest_db(min_windows=5) > 10


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31 - 1), n_distinct=st.integers(1, 10))
def test_variances_keep_to_the_floor_when_windows_are_heard_often(
    seed: int, n_distinct: int
) -> None:
    rng = np.random.default_rng(seed)
    x = known_mixture().sample(n_distinct, rng=rng)[rng.integers(n_distinct, size=40)]
    found = GmmAggregator(n_components=8, variance_floor_db2=0.02).fit(x, seed=seed)
    assert found.variances.min() > 0.02 * (1 - 1e-4)


@pytest.mark.bits
def test_same_seed_is_bitwise_the_same_and_leaves_what_was_heard_alone() -> None:
    x = known_mixture().sample(200, rng=np.random.default_rng(1))
    before = x.copy()

    def found(seed: int) -> bytes:
        mixture = GmmAggregator(n_components=6).fit(x, seed=seed)
        arrays = mixture.arrays().values()
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
        return b"".join(array.tobytes() for array in arrays)

    assert found(3) == found(3)
    assert found(3) != found(4)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_components": 0},
        {"covariance": "spherical"},
        {"init": "kmeans"},
        {"n_iterations": 0},
        {"min_windows": 0},
        {"variance_floor_db2": 0.0},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="gmm"):
        GmmAggregator(**wrong)


def test_a_full_component_has_the_covariance_of_the_sample() -> None:
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(500, 45)) @ rng.normal(size=(45, 45))).astype(np.float32)
    aggregator = GmmAggregator(n_components=1, covariance="full", variance_floor_db2=0.5)
    found = aggregator.fit(x, seed=0)
    expected = np.cov(x.astype(np.float64), rowvar=False, bias=True) + 0.5 * np.eye(45)
    np.testing.assert_allclose(found.covariances[0], expected, rtol=1e-4, atol=1e-3)


def test_full_components_stand_for_more_windows_than_there_are_features() -> None:
    x = known_mixture().sample(1000, rng=np.random.default_rng(1))
    aggregator = GmmAggregator(n_components=32, covariance="full")
    found = aggregator.fit(x, seed=0)
    assert found.is_full
    assert found.n_components > 1
    assert found.weights.min() >= 46 / 1000
    assert aggregator.fit(x[:91], seed=0).n_components == 1


@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_covariances_of_no_more_windows_than_features_are_diagonal(covariance: Any) -> None:
    x = known_mixture().sample(100, rng=np.random.default_rng(1))
    aggregator = GmmAggregator(n_components=4, covariance=covariance)
    assert not aggregator.fit(x[:45], seed=0).is_full
    assert aggregator.fit(x[:46], seed=0).covariances.shape == (1, 45, 45)


def test_tied_components_share_the_covariance_within_them() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 45)) @ rng.normal(size=(45, 45))
    own = np.arange(500) % 2
    x[:, 0] += 1000 * own
    aggregator = GmmAggregator(n_components=2, covariance="tied", variance_floor_db2=0.5)
    found = aggregator.fit(x.astype(np.float32), seed=0)
    means = np.stack([x[own == number].mean(axis=0) for number in (0, 1)])
    expected = np.cov(x - means[own], rowvar=False, bias=True) + 0.5 * np.eye(45)
    assert found.n_components == 2
    np.testing.assert_allclose(found.covariances[0], expected, rtol=1e-4, atol=1e-2)


def test_tied_components_leave_a_rest_of_more_windows_than_features() -> None:
    """What windows deviate by from n means spans as many dimensions fewer."""
    x = known_mixture().sample(50, rng=np.random.default_rng(1))
    aggregator = GmmAggregator(n_components=10, covariance="tied", min_windows=1)
    found = aggregator.fit(x, seed=0)
    assert 1 < found.n_components <= 5
    assert len(found.covariances) == 1


@pytest.mark.parametrize("init", ["k-means", "k-means++", "random", "data"])
def test_every_start_is_another_and_leads_to_a_likely_mixture(init: Any) -> None:
    true = known_mixture()
    x = true.sample(1000, rng=np.random.default_rng(1))
    found = GmmAggregator(n_components=6, init=init).fit(x, seed=0)
    assert found.log_density(x).mean() > true.log_density(x).mean() - 30
    starts = {
        GmmAggregator(n_components=6, init=each, n_iterations=1).fit(x, seed=0).means.tobytes()
        for each in ("k-means", "k-means++", "random", "data")
    }
    assert len(starts) == 4


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**31 - 1),
    n_distinct=st.integers(1, 60),
    scale=st.sampled_from([1e-3, 1.0, 1e3]),
    rank=st.integers(1, 45),
)
def test_rounding_leaves_full_covariances_positive_definite(
    seed: int, n_distinct: int, scale: float, rank: int
) -> None:
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(n_distinct, rank)) @ rng.normal(scale=scale, size=(rank, 45))
    x = places[rng.integers(n_distinct, size=100)].astype(np.float32)
    aggregator = GmmAggregator(n_components=2, covariance="full", variance_floor_db2=1e-6)
    found = aggregator.fit(x, seed=seed)
    assert np.linalg.eigvalsh(found.covariances.astype(np.float64)).min() > 0
