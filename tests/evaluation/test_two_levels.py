import numpy as np
import pytest

from fedasc.evaluation.two_levels import mean_of


def test_groups_count_alike_however_many_values_they_have() -> None:
    assert mean_of([np.array([0.0]), np.array([3.0, 5.0])]).mean == 2.0


def test_what_nobody_knows_does_not_count() -> None:
    some, none = np.array([1.0, np.nan, 3.0]), np.array([np.nan])
    assert mean_of([some, none]) == mean_of([np.array([1.0, 3.0])])
    assert np.isnan(mean_of([none])).all()


def test_a_single_value_has_no_interval() -> None:
    estimate = mean_of([np.array([0.7])])
    assert estimate.mean == 0.7
    assert np.isnan(estimate[1:]).all()


def test_the_interval_is_as_wide_as_both_levels_make_it(rng: np.random.Generator) -> None:
    """Of normal values the standard error is known: sqrt(between² / groups + within² / values)."""
    groups = [rng.normal(mean, 1.0, size=25) for mean in rng.normal(0, 2.0, size=40)]
    low, high = mean_of(groups)[1:]
    expected = 2 * 1.96 * np.sqrt(2.0**2 / 40 + 1.0 / (40 * 25))
    assert (high - low) == pytest.approx(expected, rel=0.25)


def test_the_interval_covers_the_mean_as_often_as_it_says(rng: np.random.Generator) -> None:
    covered = 0
    for _ in range(20):
        groups = [rng.normal(mean, 1.0, size=6) for mean in rng.normal(0, 1.0, size=20)]
        low, high = mean_of(groups)[1:]
        covered += low <= 0 <= high
    assert covered >= 16
