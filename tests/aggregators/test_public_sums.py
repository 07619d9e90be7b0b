import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import SENSITIVITY, PublicSums

Day = NDArray[np.float32]

NEAR = Public(
    Mixture(
        np.array([0.5, 0.3, 0.2], np.float32),
        np.array([[-2, 0], [2, 0], [2, 3]], np.float32),
        np.ones((3, 2), np.float32),
    ),
    np.array([[0.6, 0.8], [-0.8, 0.6]], np.float32),
)
"""Components so near that windows go from one to another."""

WINDOWS = arrays(np.float32, (6, 2), elements=st.floats(-9, 9, width=32))
SUMS = st.builds(
    PublicSums, n_axes=st.integers(0, 2), clip=st.floats(0.05, 20, allow_subnormal=False)
)


def distance(sums: PublicSums, one: Day, other: Day) -> float:
    return float(np.linalg.norm(sums.of(one, NEAR) - sums.of(other, NEAR)))


@given(sums=SUMS, x=WINDOWS, place=st.integers(0, 5), y=WINDOWS)
def test_a_window_that_is_replaced_moves_the_sums_by_no_more_than_is_said(
    sums: PublicSums, x: Day, place: int, y: Day
) -> None:
    other = x.copy()
    other[place] = y[0]
    assert distance(sums, x, other) <= SENSITIVITY * (1 + 1e-9)


@settings(max_examples=50)
@given(sums=SUMS, x=WINDOWS, y=WINDOWS, k=st.integers(0, 6))
def test_of_k_windows_it_is_k_times_as_much_and_of_the_mean_of_a_day_once(
    sums: PublicSums, x: Day, y: Day, k: int
) -> None:
    other = np.concatenate([y[:k], x[k:]])
    assert distance(sums, x, other) <= k * SENSITIVITY * (1 + 1e-9)
    assert distance(sums, x, y) / len(x) <= SENSITIVITY * (1 + 1e-9)


@pytest.mark.parametrize("n_axes", [0, 1, 2])
def test_there_are_days_that_move_them_as_far(n_axes: int) -> None:
    """Or else less noise would do: from one component to another, and within one."""
    sums = PublicSums(n_axes=n_axes, clip=0.1)
    one, _, third = np.repeat(NEAR.mixture.means, 2, axis=0).reshape(3, 2, 2)
    far = distance(sums, one - 5 * NEAR.axes[0], third + 5 * NEAR.axes[0])
    assert far == pytest.approx(len(one) * SENSITIVITY, rel=1e-6)
    within = distance(sums, one - 5 * NEAR.axes[0], one - 3 * NEAR.axes[0])
    assert within == pytest.approx(0, abs=1e-6)
    if n_axes:
        around = distance(sums, one - NEAR.axes[0], one + NEAR.axes[0])
        assert around == pytest.approx(len(one) * SENSITIVITY, rel=1e-6)


def test_sums_are_those_by_hand() -> None:
    sums = PublicSums(n_axes=2, clip=2.0)
    x = NEAR.mixture.means[[0, 0, 2]] + np.array([[0.1, 0], [-0.3, 0.4], [0, 9]], np.float32)
    root = np.sqrt(0.5)
    first = np.array([[0.1, 0], [-0.3, 0.4]]) @ NEAR.axes.T / 2
    last = np.array([[0, 9]]) @ NEAR.axes.T / 9
    expected = root * np.array(
        [[2, *first.sum(axis=0)], [0, 0, 0], [1, *last[0]]], dtype=np.float64
    )
    np.testing.assert_allclose(sums.of(x, NEAR), expected, atol=1e-6)
    np.testing.assert_array_equal(PublicSums(n_axes=0, clip=2.0).of(x, NEAR), [[2], [0], [1]])
