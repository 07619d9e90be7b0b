"""Cholesky factors and their inverses, each element of which is computed in an order of its own."""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import load, spread, store
from fedasc.arithmetic.product import product

FloatArray = NDArray[np.float64]

_N_LANES = 8


def cholesky(matrices: FloatArray) -> FloatArray:
    """Lower Cholesky factors L of symmetric matrices LLᵀ, of which the lower triangles are read.

    From element (i, j) L[i, 0]·L[j, 0], L[i, 1]·L[j, 1] and so on are taken one after the other,
    each product and difference rounded, before it is divided by L[j, j].

    Args:
        matrices: (n_matrices, n, n)

    Returns:
        (n_matrices, n, n) with zeros above the diagonal.

    Raises:
        ValueError: If a matrix isn't positive definite.
    """
    roots = _wide(matrices)
    for root in roots:
        if not _take_root(root):
            raise ValueError("expected positive definite matrices")
    lower: FloatArray = np.tril(roots[:, :, : matrices.shape[2]])
    return lower


def inverses(roots: FloatArray) -> FloatArray:
    """Inverses M of lower triangular matrices L, lower triangular too.

    From element (i, j) of the identity L[i, j]·M[j, j], L[i, j + 1]·M[j + 1, j] and so on are taken
    one after the other, each product and difference rounded, before it is divided by L[i, i].

    Args:
        roots: (n_matrices, n, n) with numbers other than zero on the diagonal.
    """
    wide = _wide(roots)
    inverted = np.zeros_like(wide)
    for root, inverse in zip(wide, inverted, strict=True):
        _invert(root, inverse)
    return np.ascontiguousarray(inverted[:, :, : roots.shape[2]])


def solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """(n,) x of matrix · x = right, as Mᵀ·(M·right) with the inverse M of Cholesky's factor.

    Args:
        matrix: (n, n) symmetric, of which the lower triangle is read.
        right: (n,)

    Raises:
        ValueError: If the matrix isn't positive definite.
    """
    inverse = inverses(cholesky(matrix[None]))[0]
    return product(inverse.T, product(inverse, right[:, None]))[:, 0]


def _wide(matrices: FloatArray) -> FloatArray:
    """Matrices with zeros at the end of their rows, until lanes are full."""
    n_matrices, n_rows, n_columns = matrices.shape
    wide = np.zeros((n_matrices, n_rows, -(-n_columns // _N_LANES) * _N_LANES))
    wide[:, :, :n_columns] = matrices
    return wide


@compiled
def _take_root(a: FloatArray) -> bool:
    """The factor in the place of a lower triangle; whether there is one.

    Args:
        a: (n, width), of whose upper triangle nothing is read, and anything is left there.
    """
    n, width = a.shape
    column = np.zeros(width)
    for k in range(n):
        square = a[k, k]
        if not square > 0:  # NaN isn't either
            return False
        a[k, k] = np.sqrt(square)
        column[k] = 0.0  # what stands left of the next column is done, and nothing is taken from it
        for i in range(k + 1, n):
            column[i] = a[i, k] / a[k, k]
            a[i, k] = column[i]
        for i in range(k + 1, n):
            factor = spread(column[i], _N_LANES)
            for j in range((k + 1) // _N_LANES * _N_LANES, i + 1, _N_LANES):
                place = i * width + j
                less = factor * load(column, j, _N_LANES)
                store(a, place, load(a, place, _N_LANES) - less)
    return True


@compiled
def _invert(root: FloatArray, inverse: FloatArray) -> None:
    """The inverse of a lower triangle, where there were zeros; both (n, width)."""
    n, width = root.shape
    for i in range(n):
        inverse[i, i] = 1.0
        for k in range(i):
            factor = spread(root[i, k], _N_LANES)
            for j in range(0, k + 1, _N_LANES):
                place = i * width + j
                less = factor * load(inverse, k * width + j, _N_LANES)
                store(inverse, place, load(inverse, place, _N_LANES) - less)
        for j in range(i + 1):
            inverse[i, j] /= root[i, i]
