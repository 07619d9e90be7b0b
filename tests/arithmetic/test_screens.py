"""What single precision screens, against exact fractions and against a plain search."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.arithmetic.product import times_panels
from fedasc.arithmetic.screens import list_near, powers, rows, screened

Array = NDArray[Any]


def off(factors: Array, start: float, x: Array) -> tuple[float, float]:
    """How far a sum of products with x (n_samples, n) is off, at most: as stated, and in truth."""
    columns, reach = powers(rows(x, np.zeros(x.shape[1])), x.shape[1], most=1)
    line = np.empty((1, x.shape[1]), np.float32)
    stated = screened(factors, start, reach, line[0])
    starts = np.full(columns.shape[0] * columns.shape[2], start, np.float32)
    actual = times_panels(line, columns, starts)[0, : len(x)]
    line_exact = [Fraction(each) for each in factors.tolist()]
    exact = [
        Fraction(start) + sum(f * Fraction(each) for f, each in zip(line_exact, row, strict=True))
        for row in x.tolist()
    ]
    errors = [abs(Fraction(float(a)) - e) for a, e in zip(actual, exact, strict=True)]
    return stated, float(max(errors))


@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 50),
    spread=st.sampled_from([0.0, 3.0, 12.0]),
    start=st.floats(-1e3, 1e3),
)
def test_no_sum_is_farther_off_than_stated(seed: int, n: int, spread: float, start: float) -> None:
    rng = np.random.default_rng(seed)
    factors, x = (
        rng.normal(size=size) * np.exp(rng.normal(scale=spread, size=size)) for size in (n, (17, n))
    )
    stated, actual = off(factors, start, x)
    assert actual <= stated


def test_a_sum_that_is_always_rounded_the_same_way_is_as_far_off_as_stated() -> None:
    """So no fewer units would do."""
    unit = 2.0**-24
    stated, actual = off(np.full(45, 1.0), 1.0, np.full((1, 45), 0.99 * unit))
    assert 0.85 * stated < actual <= stated


@pytest.mark.parametrize("factor", [1e38, 1e300])
def test_of_numbers_that_single_precision_does_not_hold_nothing_is_known(factor: float) -> None:
    row = np.empty(2, np.float32)
    assert screened(np.array([factor, 1.0]), 0.0, np.ones(2), row) == np.inf


def test_powers_are_squares_and_numbers_and_reach_as_far_as_they_do() -> None:
    x = np.random.default_rng(0).normal(size=(37, 3))
    middle = np.array([1.0, -2.0, 0.5])
    wide = rows(x, middle)
    assert wide.shape == (37, 8)
    np.testing.assert_array_equal(wide[:, 3:], 0)
    columns, reach = powers(wide, 3, most=2)
    flat = columns.swapaxes(0, 1).reshape(6, -1)[:, :37].T
    exact = np.concatenate([(x - middle) ** 2, x - middle], axis=1)
    np.testing.assert_array_equal(flat, exact.astype(np.float32))
    np.testing.assert_array_equal(reach, np.abs(exact).max(axis=0))


@given(
    seed=st.integers(0, 2**31),
    n_rows=st.integers(1, 9),
    margin=st.sampled_from([0.0, 0.5, 37.0]),
    n_samples=st.integers(0, 40),
)
def test_what_may_be_near_the_highest_is_listed_row_by_row(
    seed: int, n_rows: int, margin: float, n_samples: int
) -> None:
    rng = np.random.default_rng(seed)
    block = rng.integers(-50, 50, size=(n_rows, 32)).astype(np.float32)
    doubt = rng.integers(0, 4, size=n_rows).astype(np.float32)
    block[rng.random(block.shape) < 0.05] = np.nan
    samples, firsts = np.empty(n_rows * 32, np.int64), np.empty(n_rows + 1, np.int64)
    list_near(block, doubt, margin, 5, n_samples, samples, firsts)
    for column, sums in enumerate(block.T):
        rows_of = [
            row
            for row in range(n_rows)
            if 5 + column in samples[firsts[row] : firsts[row + 1]].tolist()
        ]
        if 5 + column >= n_samples:
            assert rows_of == []
            continue
        least = np.nanmax(sums - doubt) if not np.isnan(sums).all() else np.nan
        near = ~(sums + doubt < least - margin)
        if np.isnan(sums[0]):  # may hide what isn't near, never what is
            assert set(np.flatnonzero(near)) <= set(rows_of)
        else:
            assert rows_of == np.flatnonzero(near).tolist()
