"""How Gaussians stretch space: distances from them, in their own standard deviations.

A whitening W of a covariance C makes C the identity, W C Wᵀ = 1: of variances the inverse standard
deviations (n_components, n_features), of full covariances the inverses of their lower Cholesky
factors (n_components or 1, n_features, n_features).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.factor import cholesky, inverses
from fedasc.arithmetic.functions import log
from fedasc.arithmetic.product import add_product, aligned, panels, product
from fedasc.arithmetic.squares import add_squares, lines, squared_distances
from fedasc.audio import FloatArray

_LOG_2_PI = 1.8378770664093454  # as a number: what makes logarithms isn't the same everywhere


def whitenings(covariances: FloatArray) -> FloatArray:
    """Whitenings of variances, or of full covariances.

    Raises:
        ValueError: If a covariance isn't positive definite.
    """
    if covariances.ndim == 3:
        return inverses(cholesky(covariances))
    if not (covariances > 0).all():
        raise ValueError("expected positive variances")
    inverted: FloatArray = 1 / np.sqrt(covariances)
    return inverted


def log_peaks(whitening: FloatArray) -> FloatArray:
    """(n_components or 1,) logarithms of the highest density of each Gaussian."""
    scales = np.diagonal(whitening, axis1=1, axis2=2) if whitening.ndim == 3 else whitening
    peaks: FloatArray = log(scales).sum(axis=1) - scales.shape[1] * _LOG_2_PI / 2
    return peaks


def beside(x: NDArray[np.floating[Any]]) -> FloatArray:
    """Samples (n_samples, n_features) as the columns of panels, as distances are taken of them."""
    return panels(x.T.astype(np.float64))


def distances(whitening: FloatArray, means: FloatArray, columns: FloatArray) -> FloatArray:
    """Squared Mahalanobis distances.

    Deviations' squares are added from the first feature to the last, with matrices those between
    the whitened sample and the whitened mean, each a sum in that order itself.

    Args:
        whitening: See the module.
        means: (n_components, n_features)
        columns: (n_panels, n_features, width) samples from `beside`.

    Returns:
        (n_components, n_panels · width), those of the last panel's empty columns at the end.
    """
    if whitening.ndim == 2:
        squares = np.zeros((len(means), columns.shape[0] * columns.shape[2]))
        add_squares(lines(whitening, -means * whitening), columns, squares)
        return squares
    if len(whitening) == 1:
        white = aligned(columns.shape[0] * columns.shape[1], columns.shape[2], np.float64)
        white = white.reshape(columns.shape)
        _whiten(whitening[0], columns, white)
        return squared_distances(product(means, whitening[0].T), white)
    places = np.stack([product(w, m[:, None])[:, 0] for w, m in zip(whitening, means, strict=True)])
    squares = np.zeros((len(means), columns.shape[0] * columns.shape[2]))
    white = aligned(columns.shape[1], columns.shape[2], np.float64)[None]
    _add_whitened_squares(whitening, lines(np.ones_like(places), -places), columns, white, squares)
    return squares


@compiled
def _whiten(whitening: FloatArray, columns: FloatArray, white: FloatArray) -> None:
    """Add whitened columns to those of other panels of the same shape."""
    for panel in range(len(columns)):
        add_product(whitening, columns[panel : panel + 1], white[panel])


@compiled
def _add_whitened_squares(
    whitening: FloatArray,
    places: FloatArray,
    columns: FloatArray,
    white: FloatArray,
    squares: FloatArray,
) -> None:
    """Add squared distances of whitened columns, by a matrix of each component.

    Args:
        whitening: (n_components, n_features, n_features)
        places: (n_components, 2 · n_features) whitened means, as `squares.lines`.
        columns: (n_panels, n_features, width)
        white: (1, n_features, width), where those of one panel are written meanwhile.
        squares: (n_components, n_panels · width)
    """
    n_panels, _, width = columns.shape
    for panel in range(n_panels):
        start = panel * width
        for component in range(len(whitening)):
            white[:] = 0
            add_product(whitening[component], columns[panel : panel + 1], white[0])
            add_squares(
                places[component : component + 1],
                white,
                squares[component, start : start + width].reshape(1, width),
            )
