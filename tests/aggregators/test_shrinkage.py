import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.public import Public
from fedasc.aggregators.shrinkage import Shrinkage, moved, on_simplex
from tests.aggregators.days import PUBLIC
from tests.aggregators.test_mixture import random_mixture

SHRINKAGE = Shrinkage(concentration=9.0, spread=0.7, relevance=0.0)
FEW = PUBLIC.coarser(4)


@given(values=st.lists(st.floats(-50, 50), min_size=1, max_size=8), total=st.floats(0.5, 99))
def test_the_nearest_point_of_a_simplex_is_no_further_than_others(
    values: list[float], total: float
) -> None:
    given = np.array(values)
    nearest = on_simplex(given, total)
    assert (nearest >= 0).all()
    assert nearest.sum() == pytest.approx(total)
    # What is taken away is the same for all that are left, and no less than the others had: the
    # conditions of Karush, Kuhn and Tucker.
    taken = (given - nearest)[nearest > 0]
    np.testing.assert_allclose(taken, taken[0], atol=1e-9)
    assert (given[nearest == 0] <= taken[0] + 1e-9).all()


def test_without_noise_counts_are_those_that_were_told() -> None:
    told = np.array([0.0, 20, 30, 50])
    np.testing.assert_array_equal(SHRINKAGE.counts(told, 100, FEW, std=0.0), told)


def test_under_noise_counts_are_nearest_to_the_truth_on_average() -> None:
    """Users drawn as is presumed: nearer than the noisy counts, and than the public weights."""
    rng, n, std = np.random.default_rng(0), 200, 15.0
    weights = FEW.mixture.weights.astype(np.float64)
    errors = np.zeros(3)
    for _ in range(300):
        truth = n * rng.dirichlet(SHRINKAGE.concentration * weights)
        noisy = truth + rng.normal(scale=std, size=4)
        guesses = (SHRINKAGE.counts(noisy, n, FEW, std=std), on_simplex(noisy, n), n * weights)
        errors += [((guess - truth) ** 2).sum() for guess in guesses]
    assert errors[0] < 0.95 * errors[1:].min()


@pytest.mark.parametrize(("relevance", "std"), [(0.0, 6.0), (8.0, 0.0), (8.0, 6.0)])
def test_shifts_are_the_best_guess_that_is_linear(relevance: float, std: float) -> None:
    """Of users drawn as is presumed, by least squares."""
    shrinkage = Shrinkage(concentration=9.0, spread=0.7, relevance=relevance)
    rng, n, n_users = np.random.default_rng(1), 12, 40_000
    means = rng.normal(scale=0.7, size=n_users)
    within = rng.normal(scale=0.7 * np.sqrt(relevance * n), size=n_users)
    noisy = n * means + within + rng.normal(scale=std, size=n_users)
    best = (noisy @ means) / (noisy @ noisy)
    (shift,) = shrinkage.shifts(np.ones((1, 1)), np.array([float(n)]), std=std)
    assert shift[0] == pytest.approx(best, rel=0.02)


def test_of_no_windows_means_stay_where_they_were() -> None:
    shifts = SHRINKAGE.shifts(np.full((2, 3), 9.0), np.array([0.0, 4.0]), std=0.0)
    np.testing.assert_array_equal(shifts, [[0, 0, 0], [2.25, 2.25, 2.25]])


def test_means_move_along_axes_in_standard_deviations() -> None:
    mixture = random_mixture(2)
    axes = np.eye(45, dtype=np.float32)[[3, 7]]
    means = moved(mixture, np.array([[0.0, 0.0], [2.0, -1.0]]), Public(mixture, axes))
    np.testing.assert_array_equal(means[0], mixture.means[0])
    deviations = (means[1] - mixture.means[1]) / np.sqrt(mixture.covariances[1])
    np.testing.assert_allclose(deviations, 2 * axes[0] - axes[1], atol=1e-5)
