import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.dp_mixture import DpMixtureAggregator, noisy
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gaussian_mechanism import delta_of
from fedasc.aggregators.mixture import Mixture
from fedasc.errors import SettingsError
from fedasc.release.release import Release
from tests.aggregators.days import PUBLIC, Day, classifier, heard, stream

NO_NOISE = DpMixtureAggregator(epsilon=math.inf, n_components=6, relevance=0.0, clip=100.0)


def drafted(aggregator: DpMixtureAggregator, x: Day, seed: int = 0) -> Draft[Mixture]:
    return aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=seed)


def test_without_noise_it_is_the_day_told_as_changes_to_the_public_mixture() -> None:
    x = heard(400)
    draft, public = drafted(NO_NOISE, x), PUBLIC.coarser(6).mixture
    component = public.component_of(x)
    counts = np.bincount(component, minlength=6)
    stays = counts >= 5
    assert stays.sum() > 3
    np.testing.assert_allclose(draft.n_effective, counts[stays])
    np.testing.assert_allclose(draft.content.weights, (counts / counts[stays].sum())[stays])
    np.testing.assert_array_equal(draft.content.covariances, public.covariances[stays])
    for mean, number in zip(draft.content.means, np.flatnonzero(stays), strict=True):
        expected = public.means[number].copy()
        expected[:4] = x[component == number].mean(axis=0)[:4]  # the first four axes of the tests
        np.testing.assert_allclose(mean, expected, atol=1e-3)


def test_with_relevance_means_stay_nearer_to_the_public_ones() -> None:
    x, public = heard(400), PUBLIC.coarser(6).mixture
    plain, nearer = (drafted(each, x) for each in (NO_NOISE, replace(NO_NOISE, relevance=16.0)))
    stays = np.bincount(public.component_of(x), minlength=6) >= 5
    before = plain.content.means - public.means[stays]
    after = nearer.content.means - public.means[stays]
    n = plain.n_effective[:, None]
    np.testing.assert_allclose(after, before * n / (n + 16), atol=1e-4)


@pytest.mark.parametrize("unit", ["window", "place", "user-day"])
def test_the_noise_is_what_is_said_for_what_a_neighbour_may_have_instead(unit: Any) -> None:
    """Over many releases, and in no sum more than in another."""
    aggregator = DpMixtureAggregator(epsilon=2.0, unit=unit, place_windows=7)
    sensitivity = math.sqrt(2) * {"window": 1, "place": 7, "user-day": 50}[unit]
    std = aggregator.std(50)
    assert delta_of(2.0, std, sensitivity) == pytest.approx(1e-5, rel=1e-4)
    sums, rng = np.full((16, 5), 3.0), np.random.default_rng(0)
    drawn = np.array([noisy(sums, std=std, rng=rng) for _ in range(2000)])
    np.testing.assert_allclose(drawn.std(axis=0), std, rtol=0.08)
    np.testing.assert_allclose(drawn.mean(axis=0), sums, atol=0.1 * std)


def test_what_leaves_is_made_of_noisy_sums_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days with the same noisy sums, as if noise had made them so, give the same to the bit."""
    monkeypatch.setattr("fedasc.aggregators.dp_mixture.noisy", lambda sums, **_: np.ones_like(sums))
    one, other = (drafted(DpMixtureAggregator(), heard(300, seed=seed)) for seed in (0, 1))
    assert one.n_effective.tobytes() == other.n_effective.tobytes()
    for name, array in one.content.arrays().items():
        assert array.tobytes() == other.content.arrays()[name].tobytes()


def test_every_release_has_noise_of_its_own() -> None:
    x, aggregator = heard(300), DpMixtureAggregator(n_components=6)
    one, other = (drafted(aggregator, x, seed).content for seed in (0, 1))
    assert not set(one.weights) & set(other.weights)


def test_noise_lies_on_a_grid_and_its_lowest_bits_are_zero() -> None:
    rng = np.random.default_rng(0)
    sums = rng.normal(scale=100, size=1000)
    for std in (0.3, 5.3, 1000.0):
        drawn = noisy(sums, std=std, rng=rng)
        grid = 2.0 ** (math.floor(math.log2(std)) - 15)
        np.testing.assert_array_equal(drawn % grid, 0)
        assert (drawn % (2 * grid)).any()
    assert noisy(sums, std=0.0, rng=rng) is sums


def test_where_noise_leaves_nothing_the_public_mixture_stays() -> None:
    x = heard(400)
    public = PUBLIC.coarser(8).mixture
    made = drafted(DpMixtureAggregator(unit="user-day", n_components=8), x)
    far = np.abs(made.content.means - public.means) / np.sqrt(public.covariances)
    assert far.max() < 0.05
    np.testing.assert_allclose(made.content.weights, public.weights, atol=0.01)


def test_noise_moves_means_no_further_than_the_clip() -> None:
    x = heard(400)
    aggregator = DpMixtureAggregator(
        epsilon=0.05, n_components=8, clip=0.5, spread=90.0, relevance=0.0, min_windows=1
    )
    public = PUBLIC.coarser(8).mixture
    for seed in range(5):
        made = drafted(aggregator, x, seed).content
        near = [np.abs(public.covariances - one).sum(axis=1).argmin() for one in made.covariances]
        far = np.linalg.norm(
            (made.means - public.means[near]) / np.sqrt(public.covariances[near]), axis=1
        )
        assert far.max() <= 0.5 + 1e-4


def test_the_release_stage_judges_by_noisy_counts() -> None:
    x, aggregator = heard(300), DpMixtureAggregator(n_components=12, min_windows=1)
    draft = drafted(aggregator, x)
    true = np.bincount(PUBLIC.coarser(12).mixture.component_of(x), minlength=12)
    assert not set(draft.n_effective) & set(true)
    summary = Release(min_windows=20).summary(draft, len(x), aggregator=aggregator)
    assert isinstance(summary.content, Mixture)
    assert summary.content.n_components == (draft.n_effective >= 20).sum()


def test_nights_add_up() -> None:
    aggregator = DpMixtureAggregator(epsilon=1.0)
    assert aggregator.spent(1) == pytest.approx(1.0, abs=1e-6)
    assert aggregator.spent(365) == pytest.approx(34.23, abs=0.01)
    assert replace(aggregator, epsilon=math.inf).spent(3) == math.inf


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"epsilon": 0.0}, "epsilon and limit must be positive"),
        ({"epsilon": math.nan}, "epsilon and limit must be positive"),
        ({"limit": -1.0}, "epsilon and limit must be positive"),
        ({"delta": 0.0}, "delta must be between 0 and 1"),
        ({"delta": 1.0}, "delta must be between 0 and 1"),
        ({"unit": "hour"}, "unit must be one of window, place, user-day"),
        ({"place_windows": 0}, "place_windows"),
        ({"n_components": 0}, "n_components"),
        ({"min_windows": 0}, "min_windows"),
        ({"n_axes": 46}, "n_axes must be from 0 to 45"),
        ({"n_axes": -1}, "n_axes must be from 0 to 45"),
        ({"clip": 0.0}, "clip, spread and concentration"),
        ({"clip": math.inf}, "clip, spread and concentration"),
        ({"spread": math.nan}, "clip, spread and concentration"),
        ({"concentration": 0.0}, "clip, spread and concentration"),
        ({"relevance": -1.0}, "relevance"),
        ({"relevance": math.inf}, "relevance"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        DpMixtureAggregator(**settings)
