from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.made_up.days import sounds
from fedasc.privacy.coincidence import NEAR, coincidences


def mixture(means: NDArray[Any]) -> Mixture:
    n = len(means)
    shape = np.full(means.shape, 1e-4, np.float32)
    return Mixture(np.full(n, 1 / n, np.float32), means.astype(np.float32), shape)


def test_unchanged_windows_are_noticed_one_by_one() -> None:
    x = sounds(100).x
    told = coincidences(mixture(x[:20]), x)
    assert [(one.array, one.row, one.window) for one in told] == [
        ("means", n, n) for n in range(20)
    ]
    assert told[0].distance_db == 0
    nearest = np.sort(np.linalg.norm(x - x[0], axis=1))[1]
    assert told[0].apart_db == pytest.approx(nearest, rel=1e-5)


@pytest.mark.parametrize(("noise", "noticed"), [(0.1, 20), (0.25, 20), (0.6, 0), (1.0, 0)])
def test_it_takes_much_noise_to_hide_them(noise: float, noticed: int) -> None:
    """Windows of a sound deviate by 2 dB in every feature."""
    x = sounds(400).x
    moved = x[:20] + np.random.default_rng(0).normal(0, 2 * noise, (20, x.shape[1]))
    assert len(coincidences(mixture(moved), x)) == noticed


@pytest.mark.parametrize("n_together", [2, 5, 50])
def test_means_of_several_tell_of_none(n_together: int) -> None:
    x = sounds(400).x
    means = x.reshape(-1, n_together, x.shape[1]).mean(axis=1)
    assert coincidences(mixture(means), x) == ()


def test_two_windows_are_half_their_distance_from_their_mean() -> None:
    assert np.sqrt((1 - 1 / 2) / 2) > NEAR


def test_what_was_heard_twice_is_no_secret() -> None:
    x = np.repeat(sounds(10).x, 2, axis=0)
    assert coincidences(mixture(x[:4]), x) == ()


def test_rows_of_any_content_count() -> None:
    x = sounds(30).x
    assert len(coincidences(Features(x), x)) == 30
