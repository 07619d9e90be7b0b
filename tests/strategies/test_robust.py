"""Robust means, against Flower's and SciPy's."""

import numpy as np
import pytest
from scipy.stats import trim_mean

from fedasc.audio import FloatArray
from fedasc.strategies.robust import bounded, clipping, krum, mean, median, trimmed_mean

N_NUMBERS = 7


def rows(n: int, *, seed: int = 0) -> FloatArray:
    drawn: FloatArray = np.random.default_rng(seed).normal(size=(n, N_NUMBERS))
    return drawn


@pytest.mark.flower
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_they_are_those_of_flower(n: int) -> None:
    from flwr.server.strategy.aggregate import (
        aggregate,
        aggregate_krum,
        aggregate_median,
        aggregate_trimmed_avg,
    )

    mine, weights = rows(n, seed=n), np.arange(1.0, n + 1)
    theirs = [([row[:3], row[3:]], int(w)) for row, w in zip(mine, weights, strict=True)]

    def same(mine: FloatArray, of_flower: list[FloatArray]) -> None:
        np.testing.assert_allclose(mine, np.concatenate(of_flower), rtol=1e-12)

    same(mean(mine, weights), aggregate([([*parts], w) for parts, w in theirs]))
    same(median(mine), aggregate_median(theirs))
    for share in (0.0, 0.2, 0.45):
        same(trimmed_mean(mine, share=share), aggregate_trimmed_avg(theirs, share))
        np.testing.assert_allclose(trimmed_mean(mine, share=share), trim_mean(mine, share))
    for n_liars, n_kept in ((0, 1), (n // 4, 1), (n // 4, n - n // 4)):
        kept = krum(mine, n_liars=n_liars, n_kept=n_kept)
        same(mean(mine[kept], weights[kept]), aggregate_krum(theirs, n_liars, n_kept))


def test_krum_takes_those_that_stand_together() -> None:
    crowd = rows(16) / 10
    liars = rows(4) + 50
    mixed = np.concatenate([liars[:2], crowd, liars[2:]])
    kept = krum(mixed, n_liars=4, n_kept=16)
    assert kept.tolist() == list(range(2, 18))


def test_krum_is_not_taken_in_by_a_few_that_say_the_same() -> None:
    mixed = np.concatenate([np.full((4, N_NUMBERS), 3.0), rows(16)])
    assert krum(mixed, n_liars=4, n_kept=16).min() == 4


def test_nothing_is_longer_than_so_many_times_the_median_and_the_rest_is_left_alone() -> None:
    lengths = np.array([1.0, 2.0, 3.0, 4.0, 1e30])
    factors = clipping(lengths[:, None] * np.eye(1, N_NUMBERS), most=1.2)
    np.testing.assert_allclose(factors, [1, 1, 1, 0.9, 3.6e-30])
    assert factors[:3].tolist() == [1, 1, 1]


@pytest.mark.parametrize("most", [0.5, 2.0])
def test_where_most_say_nothing_nobody_does(most: float) -> None:
    mixed = np.zeros((5, N_NUMBERS))
    mixed[0] = 7
    assert clipping(mixed, most=most).tolist() == [0, 1, 1, 1, 1]


def test_nobody_counts_for_more_than_so_many_times_the_median() -> None:
    claimed = np.array([10.0, 1000.0, 30.0, 2.0**62, 20.0])
    assert bounded(claimed).tolist() == [10, 60, 30, 60, 20]
    assert bounded(claimed, most=np.inf).tolist() == claimed.tolist()


@pytest.mark.bits
def test_the_order_of_devices_changes_no_bit_of_a_median() -> None:
    mixed = rows(9)
    for robust in (median, lambda x: trimmed_mean(x, share=0.2)):
        np.testing.assert_array_equal(robust(mixed), robust(mixed[::-1]))
