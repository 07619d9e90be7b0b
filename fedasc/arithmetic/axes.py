"""Eigenvectors of symmetric matrices, each step of which is rounded in an order of its own."""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled

FloatArray = NDArray[np.float64]

_MOST_SWEEPS = 60


def principal_axes(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues and eigenvectors by rotations of two axes at a time, one pair after the other.

    A pair is left alone once its element no longer changes the larger of the two that it couples,
    and the sweeps end with one that turns nothing (Jacobi 1846; Golub and Van Loan 2013, section
    8.5). Of an eigenvector the largest element is positive, the first of them if several are.

    Args:
        matrix: (n, n) symmetric, finite.

    Returns:
        (n,) eigenvalues from the largest to the smallest, and (n, n) eigenvectors, one a row.
    """
    turned = np.array(matrix, np.float64, order="C")
    axes = np.eye(len(turned))
    for _ in range(_MOST_SWEEPS):
        if not _sweep(turned, axes):
            break
    values = np.diagonal(turned)
    order = np.argsort(-values, kind="stable")
    axes = axes[order]
    largest = np.abs(axes).argmax(axis=1)
    axes *= np.sign(axes[np.arange(len(axes)), largest])[:, None]
    return values[order], axes


@compiled
def _sweep(a: FloatArray, axes: FloatArray) -> bool:
    """Turn each pair of axes by the angle that makes its element zero; whether any was turned."""
    n = len(a)
    turned = False
    for p in range(n):
        for q in range(p + 1, n):
            size = max(abs(a[p, p]), abs(a[q, q]))
            if size + abs(a[p, q]) == size:
                a[p, q] = a[q, p] = 0.0
                continue
            turned = True
            slope = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
            tangent = 1.0 / (abs(slope) + np.sqrt(slope * slope + 1.0))
            if slope < 0:
                tangent = -tangent
            cosine = 1.0 / np.sqrt(tangent * tangent + 1.0)
            sine = tangent * cosine
            for k in range(n):
                one, other = a[k, p], a[k, q]
                a[k, p] = cosine * one - sine * other
                a[k, q] = sine * one + cosine * other
            for k in range(n):
                one, other = a[p, k], a[q, k]
                a[p, k] = cosine * one - sine * other
                a[q, k] = sine * one + cosine * other
                one, other = axes[p, k], axes[q, k]
                axes[p, k] = cosine * one - sine * other
                axes[q, k] = sine * one + cosine * other
            a[p, q] = a[q, p] = 0.0
    return turned
