from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.arithmetic.factor import cholesky, inverses, solved

Array = NDArray[np.float64]


def positive_definite(n_matrices: int, n: int, *, seed: int = 0) -> Array:
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(n_matrices, n, n + 3))
    matrices: Array = roots @ np.swapaxes(roots, 1, 2)
    return matrices


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 50))
def test_factors_and_inverses_are_those_of_lapack(seed: int, n: int) -> None:
    matrices = positive_definite(3, n, seed=seed) + 0.1 * np.eye(n)
    roots = cholesky(matrices)
    np.testing.assert_array_equal(roots, np.tril(roots))
    np.testing.assert_allclose(roots, np.linalg.cholesky(matrices), rtol=1e-9, atol=1e-9)
    inverted = inverses(roots)
    np.testing.assert_array_equal(inverted, np.tril(inverted))
    np.testing.assert_allclose(inverted @ roots, np.broadcast_to(np.eye(n), roots.shape), atol=1e-9)


def test_each_element_is_the_sum_that_is_stated() -> None:
    """The last element of a factor and the lowest of its inverse, in exact fractions."""
    (matrix,) = positive_definite(1, 11)
    (root,) = cholesky(matrix[None])
    left = Fraction(matrix[10, 7])
    for one, other in zip(root[10, :7], root[7, :7], strict=True):
        left = Fraction(float(left - Fraction(float(one) * float(other))))
    assert root[10, 7] == float(left) / root[7, 7]
    (inverse,) = inverses(root[None])
    left = Fraction(0)
    for one, other in zip(root[10, 7:10], inverse[7:10, 7], strict=True):
        left = Fraction(float(left - Fraction(float(one) * float(other))))
    assert inverse[10, 7] == float(left) / root[10, 10]


def test_only_lower_triangles_are_read_and_others_change_nothing() -> None:
    matrices = positive_definite(4, 13)
    roots = cholesky(matrices)
    rows, columns = np.triu_indices(13, 1)
    spoilt = matrices.copy()
    spoilt[:, rows, columns] = np.nan
    np.testing.assert_array_equal(cholesky(spoilt), roots)
    np.testing.assert_array_equal(cholesky(matrices[2:3]), roots[2:3])
    np.testing.assert_array_equal(inverses(roots)[2:3], inverses(roots[2:3]))
    # A factor's corner doesn't depend on what follows.
    np.testing.assert_array_equal(cholesky(matrices[:, :5, :5]), roots[:, :5, :5])


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("place", [0, 7, 12])
def test_refuses_what_is_not_positive_definite(value: float, place: int) -> None:
    matrices = positive_definite(2, 13)
    matrices[1, place, place] = value
    with pytest.raises(ValueError, match="positive definite"):
        cholesky(matrices)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_solutions_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    root = rng.normal(size=(n, 2 * n))
    matrix, right = root @ root.T + np.eye(n), rng.normal(size=n)
    before = matrix.copy(), right.copy()
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(solved(matrix, right), expected, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(solved(np.tril(matrix), right), solved(matrix, right))
    np.testing.assert_array_equal(matrix, before[0])
    np.testing.assert_array_equal(right, before[1])


def test_there_is_no_solution_of_what_is_not_positive_definite() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        solved(np.array([[1.0, 2.0], [2.0, 1.0]]), np.ones(2))
