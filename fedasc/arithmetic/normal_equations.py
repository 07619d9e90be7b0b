"""Systems of linear equations with a symmetric positive definite matrix."""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled

FloatArray = NDArray[np.float64]


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """(n,) x of matrix · x = right, by Cholesky's factor L: L·y = right, then Lᵀ·x = y.

    From each number of the matrix or the right side, products are taken off one after the other in
    the order of their indices, each rounded before it is taken off (Golub and Van Loan 2013,
    section 4.2).

    Args:
        matrix: (n, n) symmetric, of which the lower triangle counts.
        right: (n,)

    Raises:
        ValueError: If the matrix isn't positive definite.
    """
    factor, x = np.array(matrix, np.float64, order="C"), np.array(right, np.float64)
    if not _factorise(factor):
        raise ValueError("the matrix of the equations isn't positive definite")
    _substitute(factor, x)
    return x


@compiled
def _factorise(a: FloatArray) -> bool:
    """Put Cholesky's factor in place of the lower triangle; whether there is one."""
    for row in range(len(a)):
        for column in range(row + 1):
            rest = a[row, column]
            for before in range(column):
                rest -= a[row, before] * a[column, before]
            if column < row:
                a[row, column] = rest / a[column, column]
            elif rest > 0:
                a[row, row] = np.sqrt(rest)
            else:
                return False
    return True


@compiled
def _substitute(factor: FloatArray, x: FloatArray) -> None:
    """Put the solution in place of the right side."""
    n = len(x)
    for row in range(n):
        for before in range(row):
            x[row] -= factor[row, before] * x[before]
        x[row] /= factor[row, row]
    for row in range(n - 1, -1, -1):
        for later in range(row + 1, n):
            x[row] -= factor[later, row] * x[later]
        x[row] /= factor[row, row]
