from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import pairwise_distances_argmin

from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.errors import SettingsError
from tests.aggregators.days import PUBLIC, classifier, heard, stream


@settings(max_examples=20)
@given(seed=st.integers(0, 2**31 - 1), n_windows=st.integers(2, 120))
def test_every_window_is_counted_once(seed: int, n_windows: int) -> None:
    x = heard(n_windows, seed=seed)
    found = KMeansAggregator(batch_size=50).clusters(stream(x), seed=seed)
    assert found.weights.sum() == n_windows
    np.testing.assert_array_equal(found.weights, np.rint(found.weights))
    assert 1 <= len(found) <= max(1, n_windows // 5)
    np.testing.assert_allclose(
        found.pooled().scatters[0] / n_windows, x.astype(np.float64).var(axis=0), rtol=1e-9
    )


def test_weights_means_and_variances_are_those_of_the_windows_of_each_cluster() -> None:
    sounds = [heard(100, seed=seed, n_sounds=1) + 50 * seed for seed in range(3)]
    x = np.random.default_rng(0).permutation(np.concatenate([sounds[0], *sounds]))
    aggregator = KMeansAggregator(n_components=3, batch_size=100, variance_floor_db2=0.5)
    draft = aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=1)
    found = draft.content
    own = pairwise_distances_argmin(x, found.means)
    for number in range(3):
        members = x[own == number].astype(np.float64)
        assert found.weights[number] == pytest.approx(len(members) / 400)
        assert draft.n_effective[number] == len(members)
        np.testing.assert_allclose(found.means[number], members.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(found.variances[number], members.var(axis=0) + 0.5, rtol=1e-4)
    assert sorted(found.weights.round(3).tolist()) == pytest.approx([0.25, 0.25, 0.5])


def test_a_window_unlike_all_others_is_not_sent_as_a_mean() -> None:
    x = heard(400)
    x[17] += 80

    def nearest_db(min_windows: int) -> float:
        aggregator = KMeansAggregator(min_windows=min_windows)
        found = aggregator.summarise(
            stream(x), classifier=classifier(), public=PUBLIC, seed=0
        ).content
        return float(np.abs(found.means - x[17]).max(axis=1).min())

    assert nearest_db(min_windows=1) < 1e-3
    assert nearest_db(min_windows=5) > 10


def test_another_seed_finds_other_clusters() -> None:
    x = heard(400)
    one, other = (KMeansAggregator().clusters(stream(x), seed=seed) for seed in (1, 2))
    assert one.means.tobytes() != other.means.tobytes()


@pytest.mark.parametrize(
    "wrong",
    [{"n_components": 0}, {"min_windows": 0}, {"batch_size": 0}, {"variance_floor_db2": 0.0}],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"kmeans: .*{next(iter(wrong))}"):
        KMeansAggregator(**wrong)
