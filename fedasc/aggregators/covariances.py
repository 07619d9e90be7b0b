"""Covariance matrices in the precision of the wire, and packed for it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray

Matrices = NDArray[np.float32]


def rounded(covariances: FloatArray) -> Matrices:
    """Full covariances in float32, symmetric to the last bit and positive definite.

    Rounding moves the eigenvalues of a matrix by no more than half a unit in the last place of its
    largest sum of a row; twice that is added to the diagonal. With 45 features it is less than a
    hundred thousandth of the largest variance.

    Args:
        covariances: (n_matrices, n_features, n_features) positive definite.
    """
    largest = np.abs(covariances).sum(axis=2).max(axis=1)
    margin = np.finfo(np.float32).eps * largest[:, None, None] * np.eye(covariances.shape[1])
    lower = np.tril(covariances + margin).astype(np.float32)
    both: Matrices = lower + np.swapaxes(np.tril(lower, -1), 1, 2)
    return both


def n_packed(n_features: int) -> int:
    """Numbers of a symmetric matrix, half of which says all."""
    return n_features * (n_features + 1) // 2


def triangles(matrices: NDArray[Any]) -> NDArray[Any]:
    """(n_matrices, n_packed) the lower triangles, row by row."""
    rows, columns = np.tril_indices(matrices.shape[1])
    return matrices[:, rows, columns]


def symmetric(packed: NDArray[Any], n_features: int) -> Matrices:
    """The symmetric matrices of lower triangles (see `triangles`)."""
    rows, columns = np.tril_indices(n_features)
    full = np.empty((len(packed), n_features, n_features), np.float32)
    full[:, rows, columns] = full[:, columns, rows] = packed
    return full


def packed_roots(roots: FloatArray) -> Matrices:
    """(n_matrices, n_packed) lower Cholesky factors, their diagonals as logarithms.

    All such numbers stand for positive definite matrices.
    """
    diagonals = np.arange(roots.shape[1])
    free = roots.copy()
    free[:, diagonals, diagonals] = np.log(roots[:, diagonals, diagonals])
    return triangles(free).astype(np.float32)


def of_packed_roots(packed: NDArray[Any], n_features: int) -> Matrices:
    """The covariances of packed Cholesky factors (see `packed_roots`), infinite if too large."""
    rows, columns = np.tril_indices(n_features)
    diagonals = np.arange(n_features)
    roots = np.zeros((len(packed), n_features, n_features))
    roots[:, rows, columns] = packed
    with np.errstate(over="ignore", invalid="ignore"):
        roots[:, diagonals, diagonals] = np.exp(roots[:, diagonals, diagonals])
        return rounded(roots @ np.swapaxes(roots, 1, 2))
