"""Sums of squares against their definition, with exact fractions where rounding once matters."""

import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.arithmetic.product import panels
from fedasc.arithmetic.squares import add_squares, lines, squared_distances

Array = NDArray[np.float64]


def sums(slopes: Array, starts: Array, b: Array, before: float = 0.0) -> Array:
    """(n, m) sums of the squares of lines (n, k) at b (k, m)."""
    packed = panels(b)
    actual = np.full((len(slopes), packed.shape[0] * packed.shape[2]), before)
    add_squares(lines(slopes, starts), packed, actual)
    return actual[:, : b.shape[1]]


def rounded(value: Fraction) -> float:
    return value.numerator / value.denominator


@pytest.mark.parametrize("shape", [(1, 1, 1), (13, 7, 5), (5, 3, 35), (17, 4, 16), (2, 0, 3)])
def test_each_element_is_the_sum_that_is_stated(shape: tuple[int, int, int]) -> None:
    n, k, m = shape
    rng = np.random.default_rng(0)
    slopes, starts, b = (rng.normal(size=size) for size in ((n, k), (n, k), (k, m)))
    expected = np.empty((n, m))
    for i in range(n):
        for j in range(m):
            total = 0.5
            for slope, start, each in zip(slopes[i], starts[i], b[:, j], strict=True):
                line = rounded(Fraction(slope) * Fraction(each) + Fraction(start))
                total = rounded(Fraction(line) ** 2 + Fraction(total))
            expected[i, j] = total
    np.testing.assert_array_equal(sums(slopes, starts, b, 0.5), expected)


@given(seed=st.integers(0, 2**31), n=st.integers(1, 30), k=st.integers(1, 50), m=st.integers(1, 50))
def test_an_element_does_not_depend_on_what_stands_beside_it(
    seed: int, n: int, k: int, m: int
) -> None:
    rng = np.random.default_rng(seed)
    slopes, starts, b = (rng.normal(size=size) for size in ((n, k), (n, k), (k, m)))
    rows = rng.permutation(n)[: rng.integers(1, n + 1)]
    columns = rng.permutation(m)[: rng.integers(1, m + 1)]
    part = sums(slopes[rows], starts[rows], b[:, columns])
    np.testing.assert_array_equal(part, sums(slopes, starts, b)[np.ix_(rows, columns)])


def test_distances_are_right_where_points_are_close_and_far_from_zero() -> None:
    rng = np.random.default_rng(0)
    points = 1e8 + rng.normal(size=(5, 45))
    others = np.concatenate([points[:2], points[2:] + 1e-3])
    actual = squared_distances(points, panels(others.T))[:, :5]
    expected = ((points[:, None] - others) ** 2).sum(axis=2)
    np.testing.assert_allclose(actual, expected, rtol=1e-13)
    assert actual[0, 0] == actual[1, 1] == 0


_ON_ANOTHER_PROCESSOR = """
import sys
import numpy as np
from fedasc.arithmetic.factor import cholesky, inverses
from fedasc.arithmetic.product import panels, product
from fedasc.arithmetic.squares import squared_distances
rng = np.random.default_rng(0)
a, b = rng.normal(size=(25, 40)), rng.normal(size=(40, 37))
sys.stdout.write(squared_distances(a, panels(b))[:, :37].tobytes().hex())
sys.stdout.write(inverses(cholesky(product(b.T, b)[None])).tobytes().hex())
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="names processors of x86")
def test_is_the_same_on_other_processors() -> None:
    """Distances, and factors with their inverses."""

    def made(environment: dict[str, str]) -> str:
        return subprocess.run(
            [sys.executable, "-c", _ON_ANOTHER_PROCESSOR],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    here = made({})
    assert here == made({"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"})
    assert here == made({"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": ""})
