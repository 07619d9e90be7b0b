"""Products against their definition, with exact fractions where rounding once matters."""

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.arithmetic.product import product

PRECISIONS = [np.float32, np.float64]


def matrices(n: int, k: int, m: int, dtype: Any, *, seed: int = 0) -> list[NDArray[Any]]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in ((n, k), (k, m), (m,))]


def rounded(value: Fraction, dtype: Any) -> Any:
    """To nearest, of equals the even one, as Python's division of integers rounds."""
    if dtype is np.float64:
        return np.float64(value.numerator / value.denominator)
    near = np.float32(float(value))
    around = [near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))]
    errors = [abs(Fraction(float(each)) - value) for each in around]
    least = min(errors)
    best = [each for each, error in zip(around, errors, strict=True) if error == least]
    return min(best, key=lambda each: int(np.float32(each).view(np.int32)) & 1)


def by_definition(a: NDArray[Any], b: NDArray[Any], start: NDArray[Any]) -> NDArray[Any]:
    dtype = a.dtype.type
    c = np.empty((len(a), b.shape[1]), dtype)
    for i, row in enumerate(a):
        for j, column in enumerate(b.T):
            so_far = start[j]
            for one, other in zip(row, column, strict=True):
                exact = Fraction(float(one)) * Fraction(float(other)) + Fraction(float(so_far))
                so_far = rounded(exact, dtype)
            c[i, j] = so_far
    return c


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (13, 7, 5), (5, 3, 35), (12, 4, 32), (2, 0, 3)])
@pytest.mark.bits
def test_each_element_is_the_sum_that_is_stated(shape: tuple[int, int, int], dtype: Any) -> None:
    a, b, start = matrices(*shape, dtype)
    np.testing.assert_array_equal(product(a, b, start=start), by_definition(a, b, start))


@pytest.mark.parametrize("dtype", PRECISIONS)
@given(seed=st.integers(0, 2**31), n=st.integers(1, 60), k=st.integers(1, 90), m=st.integers(1, 90))
@pytest.mark.bits
def test_an_element_does_not_depend_on_what_stands_beside_it(
    dtype: Any, seed: int, n: int, k: int, m: int
) -> None:
    a, b, start = matrices(n, k, m, dtype, seed=seed)
    whole = product(a, b, start=start)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(n)[: rng.integers(1, n + 1)]
    columns = rng.permutation(m)[: rng.integers(1, m + 1)]
    part = product(a[rows], b[:, columns], start=start[columns])
    np.testing.assert_array_equal(part, whole[np.ix_(rows, columns)])


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_agrees_with_numpy(dtype: Any) -> None:
    a, b, _ = matrices(50, 319, 256, dtype)
    tolerance = 1e3 * np.finfo(dtype).eps
    np.testing.assert_allclose(product(a, b), a @ b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.bits
def test_takes_matrices_however_they_are_stored(dtype: Any) -> None:
    a, b, _ = matrices(30, 20, 10, dtype)
    expected = product(a, b)
    np.testing.assert_array_equal(product(np.asfortranarray(a), np.asfortranarray(b)), expected)
    np.testing.assert_array_equal(product(a[::-1], b)[::-1], expected)
    assert product(a[:0], b).shape == (0, 10)
    assert product(a, b[:, :0]).shape == (30, 0)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.ones((2, 3)), np.ones((2, 3))),
        (np.ones((2, 3), np.float32), np.ones((3, 2))),
        (np.ones(3), np.ones((3, 2))),
    ],
)
def test_refuses_what_does_not_fit(a: Any, b: Any) -> None:
    with pytest.raises(ValueError, match="can't multiply"):
        product(a, b)


_ON_ANOTHER_PROCESSOR = """
import sys
import numpy as np
from fedasc.arithmetic.product import product
rng = np.random.default_rng(0)
for dtype in (np.float32, np.float64):
    a, b = rng.normal(size=(25, 40)).astype(dtype), rng.normal(size=(40, 37)).astype(dtype)
    sys.stdout.write(product(a, b).tobytes().hex())
"""


@pytest.mark.parametrize(
    "processor",
    [
        {},
        {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"},
        {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": ""},
        {"NUMBA_OPT": "1"},
    ],
    ids=["this one", "256 bits", "128 bits, nothing fused", "hardly optimised"],
)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="names processors of x86")
def test_is_the_same_on_other_processors(processor: dict[str, str]) -> None:
    def made(environment: dict[str, str]) -> str:
        return subprocess.run(
            [sys.executable, "-c", _ON_ANOTHER_PROCESSOR],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    rng = np.random.default_rng(0)
    expected = ""
    for dtype in PRECISIONS:
        a, b = rng.normal(size=(25, 40)).astype(dtype), rng.normal(size=(40, 37)).astype(dtype)
        expected += product(a, b).tobytes().hex()
    assert made(processor) == expected
