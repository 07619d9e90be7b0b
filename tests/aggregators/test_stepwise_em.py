from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.errors import SettingsError
from tests.aggregators.days import PUBLIC, Day, classifier, heard, stream


def summarised(aggregator: StepwiseEmAggregator, x: Day) -> Mixture:
    return aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0).content


@pytest.mark.parametrize("n_merged", [0, 200])
@pytest.mark.parametrize("n_windows", [1, 2, 300])
def test_one_component_is_the_moments(n_windows: int, n_merged: int) -> None:
    x = heard(n_windows)
    found = summarised(StepwiseEmAggregator(n_components=1, n_merged=n_merged), x)
    expected = (
        MomentsAggregator()
        .summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0)
        .content
    )
    np.testing.assert_allclose(found.means, expected.means, rtol=1e-6)
    np.testing.assert_allclose(found.variances, expected.variances, rtol=1e-5)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_windows=st.integers(2, 120),
    exponent=st.sampled_from([0.6, 0.8, 1.0]),
)
def test_has_no_more_components_than_windows_allow(
    seed: int, n_windows: int, exponent: float
) -> None:
    aggregator = StepwiseEmAggregator(step_exponent=exponent, n_merged=30)
    found = summarised(aggregator, heard(n_windows, seed=seed))
    assert 1 <= found.n_components <= max(1, n_windows // 5)
    if found.n_components > 1 and exponent == 1:
        assert found.weights.min() >= 5 / n_windows * (1 - 1e-5)


@pytest.mark.parametrize("n_windows", range(20, 60))
def test_a_component_of_just_enough_windows_is_sent(n_windows: int) -> None:
    """Its weight came about in as many steps as there are windows, each of which rounds."""
    x = heard(n_windows, n_sounds=1)
    x[3:8] += 100
    found = summarised(StepwiseEmAggregator(n_components=2), x)
    assert found.weights.min() == pytest.approx(5 / n_windows)


@pytest.mark.parametrize("exponent", [0.6, 0.8, 1.0])
@pytest.mark.parametrize("last", [False, True])
def test_a_window_unlike_all_others_is_not_sent_as_a_mean(exponent: float, last: bool) -> None:
    """Not even the last one, which weighs the most while windows are forgotten."""
    x = heard(400)
    x[-1 if last else 17] += 80

    def nearest_db(min_windows: int) -> float:
        aggregator = StepwiseEmAggregator(step_exponent=exponent, min_windows=min_windows)
        found = summarised(aggregator, x)
        return float(np.abs(found.means - x[-1 if last else 17]).max(axis=1).min())

    assert nearest_db(min_windows=5) > 10


def test_less_stands_behind_components_where_the_last_windows_weigh_more() -> None:
    x = heard(400)

    def n_behind(exponent: float) -> float:
        aggregator = StepwiseEmAggregator(n_components=1, step_exponent=exponent, n_merged=40)
        draft = aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0)
        return float(draft.n_effective.sum())

    assert n_behind(1.0) == pytest.approx(400)
    # Of steps t^-0.6 the last is the largest that is left.
    assert n_behind(0.6) <= 400**0.6 * (1 + 1e-9)


def test_finds_the_sounds_of_a_day() -> None:
    x = np.random.default_rng(0).permutation(
        np.concatenate([heard(200, seed=seed, n_sounds=1) for seed in range(4)])
    )
    found = summarised(StepwiseEmAggregator(n_components=4), x)
    for seed in range(4):
        sound = heard(200, seed=seed, n_sounds=1)
        nearest = int(np.abs(found.means - sound.mean(axis=0)).sum(axis=1).argmin())
        assert found.weights[nearest] == pytest.approx(0.25, abs=0.01)
        np.testing.assert_allclose(found.means[nearest], sound.mean(axis=0), atol=0.5)


def test_needs_room_for_its_components_alone() -> None:
    aggregator = StepwiseEmAggregator(n_components=16)
    assert aggregator.budget(1000).memory_bytes == aggregator.budget(100_000).memory_bytes
    assert aggregator.budget(1000).memory_bytes < 1000 * 45 * 4 / 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_components": 0},
        {"min_windows": 0},
        {"step_exponent": 0.5},
        {"step_exponent": 1.1},
        {"step_delay": -1.0},
        {"n_merged": -1},
        {"prior_windows": -1.0},
        {"variance_floor_db2": 0.0},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"stepwise-em: .*{next(iter(wrong))}"):
        StepwiseEmAggregator(**wrong)
