import numpy as np
import pytest
from scipy.stats import ttest_rel

from fedasc.evaluation.paired import holm, p_value, paired


def test_the_interval_is_students_on_a_worked_example() -> None:
    # Differences 1, 2, 3, 4, 5: mean 3, standard error sqrt(2.5 / 5), t(0.975, 4) = 2.776445.
    found = paired([11, 12, 13, 14, 15], [10, 10, 10, 10, 10])
    half = 2.776445 * np.sqrt(0.5)
    assert (found.median, found.mean) == (3, 3)
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half), rel=1e-6)


def test_differences_are_within_repetitions() -> None:
    found = paired([0.9, 0.1, 0.5], [0.8, 0.0, 0.4])
    assert found.low == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1)


def test_the_interval_holds_the_truth_95_times_of_100(rng: np.random.Generator) -> None:
    hits = 0
    for _ in range(2000):
        first, second = rng.normal(3, 1, size=10), rng.normal(1, 1, size=10)
        found = paired(first.tolist(), second.tolist())
        hits += found.low <= 2 <= found.high
    assert abs(hits / 2000 - 0.95) < 5 * np.sqrt(0.05 * 0.95 / 2000)


def test_one_repetition_has_no_interval() -> None:
    found = paired([0.7], [0.5])
    assert found.mean == pytest.approx(0.2)
    assert np.isnan([found.low, found.high]).all()


def test_p_value_is_that_of_scipy(rng: np.random.Generator) -> None:
    first, second = rng.normal(0.7, 0.1, 8).tolist(), rng.normal(0.65, 0.1, 8).tolist()
    assert p_value(first, second) == pytest.approx(ttest_rel(first, second).pvalue)


def test_p_value_of_what_never_differs_or_always_by_as_much() -> None:
    assert p_value([0.5, 0.6], [0.5, 0.6]) == 1
    assert p_value([0.75, 0.5], [0.5, 0.25]) == 0
    assert np.isnan(p_value([0.5], [0.4]))


def test_holm_by_hand_and_in_order() -> None:
    """0.01 times 4, 0.02 times 3, 0.03 times 2, and 0.04, which can't be less."""
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert np.isnan(holm([float("nan")])).all()
    assert holm([]) == []
