import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fedasc.arithmetic.axes import principal_axes


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 45))
def test_axes_are_those_of_lapack(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, n)) @ rng.normal(size=(n, n))
    matrix = x.T @ x
    values, axes = principal_axes(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=1e-9 * values[0])
    np.testing.assert_allclose(axes @ axes.T, np.eye(n), atol=1e-12)
    np.testing.assert_allclose((axes.T * values) @ axes, matrix, atol=1e-9 * values[0])
    assert (axes.max(axis=1) >= -axes.min(axis=1)).all()


def test_axes_that_nothing_tells_apart_are_some_of_them() -> None:
    values, axes = principal_axes(np.diag([2.0, 5.0, 2.0]))
    np.testing.assert_array_equal(values, [5, 2, 2])
    np.testing.assert_array_equal(axes, np.eye(3)[[1, 0, 2]])
    values, axes = principal_axes(np.zeros((3, 3)))
    np.testing.assert_array_equal(axes, np.eye(3))
