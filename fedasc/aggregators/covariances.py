"""Covariance matrices in the precision of the wire, and packed for it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import exp, log
from fedasc.arithmetic.product import add_product, panels, product
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
    free[:, diagonals, diagonals] = log(roots[:, diagonals, diagonals])
    return triangles(free).astype(np.float32)


def of_packed_roots(packed: NDArray[Any], n_features: int) -> Matrices:
    """The covariances of packed Cholesky factors (see `packed_roots`), infinite if too large."""
    rows, columns = np.tril_indices(n_features)
    diagonals = np.arange(n_features)
    roots = np.zeros((len(packed), n_features, n_features))
    roots[:, rows, columns] = packed
    with np.errstate(over="ignore", invalid="ignore"):
        roots[:, diagonals, diagonals] = exp(roots[:, diagonals, diagonals])
        return rounded(of_roots(roots))


def of_roots(roots: FloatArray) -> FloatArray:
    """The covariances L Lᵀ of Cholesky factors L (n_matrices, n_features, n_features)."""
    return np.stack([product(root, root.T) for root in roots])


def correlated(
    normal: NDArray[np.float32], roots: FloatArray, component: NDArray[np.int64]
) -> FloatArray:
    """Normal numbers that vary together as those of their components do.

    Args:
        normal: (n_samples, n_features) with the variance 1, each by itself.
        roots: (n_components, n_features, n_features) lower Cholesky factors of covariances.
        component: (n_samples,) of each sample.
    """
    n_samples, n_features = normal.shape
    order = np.argsort(component, kind="stable")
    rows = normal[order].astype(np.float64)
    factors = [panels(root.T) for root in roots]
    products = np.zeros((n_samples, factors[0].shape[0] * factors[0].shape[2]))
    start = 0
    for factor, n_drawn in zip(factors, np.bincount(component, minlength=len(roots)), strict=True):
        some = slice(start, start + n_drawn)
        add_product(rows[some], factor, products[some])
        start += n_drawn
    drawn = np.empty(normal.shape)
    drawn[order] = products[:, :n_features]
    return drawn
