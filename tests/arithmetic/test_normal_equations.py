import numpy as np
import pytest

from fedasc.arithmetic.normal_equations import solved


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_solutions_are_those_of_numpy(n: int) -> None:
    rng = np.random.default_rng(n)
    root = rng.normal(size=(n, 2 * n))
    matrix, right = root @ root.T + np.eye(n), rng.normal(size=n)
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(solved(matrix, right), expected, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(solved(np.tril(matrix), right), solved(matrix, right))


def test_what_is_given_stays_as_it_is() -> None:
    matrix, right = np.array([[4.0, 2.0], [2.0, 10.0]]), np.array([8.0, 22.0])
    assert solved(matrix, right).tolist() == [1, 2]
    assert matrix.tolist() == [[4, 2], [2, 10]]
    assert right.tolist() == [8, 22]


@pytest.mark.parametrize("matrix", [[[1, 2], [2, 1]], [[0, 0], [0, 1]], [[np.nan, 0], [0, 1]]])
def test_refuses_what_is_not_positive_definite(matrix: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="positive definite"):
        solved(np.array(matrix, np.float64), np.ones(2))
