import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist

from fedasc.evaluation import distances
from fedasc.evaluation.distances import mean_between, mean_within


@pytest.mark.parametrize("n_x", [2, 3, 63, 64, 65, 200])
@pytest.mark.parametrize("n_y", [2, 64, 65, 127, 130])
def test_means_are_those_of_scipy(n_x: int, n_y: int) -> None:
    rng = np.random.default_rng(n_x * n_y)
    x, y = rng.normal(-80, 1, size=(n_x, 5)), rng.normal(-79, 2, size=(n_y, 5))
    assert mean_between(x, y) == pytest.approx(cdist(x, y).mean(), rel=1e-6)
    assert mean_within(x) == pytest.approx(pdist(x).mean(), rel=1e-6)


def test_samples_far_from_zero_lose_no_digit() -> None:
    """As they would if squares of distances were differences of larger squares."""
    rng = np.random.default_rng(1)
    x = rng.integers(-8, 8, size=(70, 6)) / 16
    assert mean_within(x + 2.0**20) == mean_within(x)
    assert mean_between(x + 2.0**20, x + 2.0**20) == mean_between(x, x)


@pytest.mark.bits
def test_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(250, 45)), rng.normal(size=(131, 45))
    expected = mean_between(x, y), mean_within(x)
    for n_at_once in (1, 7, 1000):
        monkeypatch.setattr(distances, "_N_AT_ONCE", n_at_once)
        assert (mean_between(x, y), mean_within(x)) == expected


def test_precision_and_layout_of_what_is_given_change_nothing() -> None:
    x = np.random.default_rng(2).normal(size=(80, 7)).astype(np.float32)
    expected = mean_within(x)
    for other in (x.astype(np.float64), np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        assert mean_within(other) == expected
