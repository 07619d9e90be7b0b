import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist

from fedasc.evaluation.distances import Cloud, mean_within

Array = NDArray[np.float64]


def clouds(x: Array, y: Array) -> tuple[Cloud, Cloud]:
    return Cloud.around(x[0], x), Cloud.around(x[0], y)


@pytest.mark.parametrize("n_x", [2, 3, 63, 96, 97, 200])
@pytest.mark.parametrize("n_y", [2, 32, 65, 127, 193])
def test_means_are_those_of_scipy(n_x: int, n_y: int) -> None:
    rng = np.random.default_rng(n_x * n_y)
    x, y = rng.normal(-80, 1, size=(n_x, 5)), rng.normal(-79, 2, size=(n_y, 5))
    one, other = clouds(x, y)
    assert one.to(other) == pytest.approx(cdist(x, y).mean(), rel=1e-6)
    assert one.within == mean_within(x) == pytest.approx(pdist(x).mean(), rel=1e-6)


def test_samples_far_from_zero_lose_no_digit() -> None:
    """As they would if squares of distances were differences of larger squares."""
    rng = np.random.default_rng(1)
    x = rng.integers(-8, 8, size=(70, 6)) / 16
    assert mean_within(x + 2.0**20) == mean_within(x)
    one, other = clouds(x, x[::2])
    far, other_far = clouds(x + 2.0**20, x[::2] + 2.0**20)
    assert far.to(other_far) == one.to(other)


def test_equal_samples_are_at_no_distance() -> None:
    assert mean_within(np.full((130, 45), 0.1)) == 0


def test_precision_and_layout_of_what_is_given_change_nothing() -> None:
    x = np.random.default_rng(2).normal(size=(80, 7)).astype(np.float32)
    expected = mean_within(x)
    for other in (x.astype(np.float64), np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        assert mean_within(other) == expected
