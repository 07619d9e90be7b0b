import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.gaussian_mechanism import delta_of
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.public_sums import SENSITIVITY
from fedasc.aggregators.sum_share import GRID, SumShare
from fedasc.errors import SettingsError
from fedasc.privacy.canaries import neighbours
from tests.aggregators.days import PUBLIC, Day, classifier, heard, stream

NO_NOISE = PooledSumsAggregator(epsilon=math.inf, n_components=6, n_axes=2)


def sent(aggregator: PooledSumsAggregator, x: Day, seed: int = 0) -> SumShare:
    return aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=seed)


def test_without_noise_it_is_the_mean_of_what_windows_add_on_the_grid() -> None:
    x, public = heard(130), PUBLIC.coarser(6)
    expected = NO_NOISE.sums(x, public) / 130
    np.testing.assert_allclose(sent(NO_NOISE, x).sums * GRID, expected, atol=GRID)
    assert np.abs(expected).max() > 0.1


def test_another_day_of_any_length_moves_it_by_the_sensitivity_at_most() -> None:
    like = DpMixtureAggregator(unit="user-day", n_components=6, n_axes=2, min_windows=1)
    rng = np.random.default_rng(0)
    here, there = neighbours(like, PUBLIC, n_windows=60, min_windows=1, rng=rng)
    days = [here, there[:7], *(heard(n, seed=n) for n in (2, 5, 60, 300))]
    shares = [sent(NO_NOISE, x).sums * GRID for x in days]
    gaps = [np.linalg.norm(one - other) for one in shares for other in shares]
    assert max(gaps) == pytest.approx(SENSITIVITY, rel=1e-6)


@pytest.mark.parametrize("n_pooled", [1, 20, 1000])
def test_so_many_shares_of_the_noise_are_the_noise_that_is_asked_for(n_pooled: int) -> None:
    aggregator = PooledSumsAggregator(epsilon=2.0, n_pooled=n_pooled)
    assert SENSITIVITY < (sensitivity := SENSITIVITY + GRID * math.sqrt(80)) < 1.4143
    assert delta_of(2.0, aggregator.std, sensitivity) == pytest.approx(1e-5, rel=1e-4)
    means, rng = np.full((2000, 16, 5), 0.3), np.random.default_rng(0)
    drawn = aggregator.shared(means, rng=rng) * GRID
    share = aggregator.std / math.sqrt(n_pooled)
    np.testing.assert_allclose(drawn.std(axis=0), share, rtol=0.08)
    np.testing.assert_allclose(drawn.mean(axis=0), 0.3, atol=0.1 * share)
    assert aggregator.terms[1] * GRID * math.sqrt(n_pooled) >= aggregator.std


def test_a_message_alone_is_hardly_protected() -> None:
    """As if a night's noise were that of so many nights together."""
    aggregator = PooledSumsAggregator(epsilon=1.0, n_pooled=365)
    assert aggregator.alone == aggregator.spent(365) == pytest.approx(34.23, abs=0.01)
    assert PooledSumsAggregator(epsilon=math.inf).alone == math.inf


def test_what_the_server_has_no_components_for_is_noise() -> None:
    aggregator = PooledSumsAggregator(n_components=20, n_axes=2)
    share = sent(aggregator, heard(60))
    assert share.sums.shape == (20, 3)
    assert share.sums[12:].all()
    assert (
        not sent(PooledSumsAggregator(n_components=20, epsilon=math.inf), heard(60)).sums[12:].any()
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"epsilon": 0.0}, "epsilon and limit must be positive"),
        ({"epsilon": math.nan}, "epsilon and limit must be positive"),
        ({"limit": -1.0}, "epsilon and limit must be positive"),
        ({"delta": 0.0}, "delta must be between 0 and 1"),
        ({"delta": 1.0}, "delta must be between 0 and 1"),
        ({"n_pooled": 0}, "n_pooled and n_components"),
        ({"n_components": 0}, "n_pooled and n_components"),
        ({"n_axes": 46}, "n_axes must be from 0 to 45"),
        ({"n_axes": -1}, "n_axes must be from 0 to 45"),
        ({"clip": 0.0}, "clip must be positive"),
        ({"clip": math.inf}, "clip must be positive"),
        ({"clip": math.nan}, "clip must be positive"),
        ({"epsilon": 1e-9, "delta": 1e-9}, "so much noise fits no message"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        PooledSumsAggregator(**settings)


@pytest.mark.parametrize(
    ("n_pooled", "points", "alone"), [(20, 37, 5.4), (100, 7.5, 14), (1000, 0.75, 71)]
)
def test_the_noise_is_what_the_documentation_says(
    n_pooled: int, points: float, alone: float
) -> None:
    aggregator = PooledSumsAggregator(n_pooled=n_pooled)
    of_count = math.sqrt(0.5)
    assert 100 * aggregator.std / of_count / n_pooled == pytest.approx(points, rel=0.01)
    assert aggregator.alone == pytest.approx(alone, rel=0.04)
    line = f"| {n_pooled:,} | {points:g} | {alone:g} |"
    assert line in Path("docs/concepts/guarantees.md").read_text(encoding="utf-8")
