"""Scores calibrated to each unit: the likelihood ratio attack (Carlini et al. 2022)."""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import log
from fedasc.audio import FloatArray

_N_SHADOWS = 64
"""With as many shadows a unit has a variance of its own (Carlini et al. 2022, section VI)."""

_LEAST = 1e-12
"""Of a variance, as a share of that of all scores: scores may be the same in every release."""


def calibrated(scores: FloatArray, member: NDArray[np.bool_], *, online: bool) -> FloatArray:
    """What scores say beside those of the same unit in other releases.

    Each release is judged by the others, its shadows: which units were in those, the attacker knows
    of what she made herself; the release itself is left out. The score of a unit is normal about
    a mean of its own, with the variance that all units have together within themselves, or with
    its own where there are enough shadows.

    Args:
        scores: (n_releases, n_units) of one user, the larger the likelier in.
        member: (n_releases, n_units) whether each was in.
        online: By shadows with the unit and without it, as a log likelihood ratio; offline by
            those without it alone, as the number of standard deviations above their mean.

    Returns:
        (n_releases, n_units); 0, which says nothing, where a unit has no such shadows.
    """
    least = max(_LEAST * float(scores.var()), np.finfo(np.float64).tiny)
    centred = scores - scores.mean(axis=0)
    n_out, mean_out, variance_out = _shadows(centred, ~member, least)
    if not online:
        return np.where(n_out > 0, (centred - mean_out) / np.sqrt(variance_out), 0.0)
    n_in, mean_in, variance_in = _shadows(centred, member, least)
    ratio = _log_normal(centred, mean_in, variance_in) - _log_normal(
        centred, mean_out, variance_out
    )
    return np.where((n_out > 0) & (n_in > 0), ratio, 0.0)


def _shadows(
    scores: FloatArray, counts: NDArray[np.bool_], least: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(n_releases, n_units) number, mean and variance of scores that count in other releases."""
    weights = counts.astype(np.float64)
    weighted = weights * scores
    n = weights.sum(axis=0) - weights
    mean = (weighted.sum(axis=0) - weighted) / np.maximum(n, 1)
    squares = weighted * scores
    deviations = np.maximum(squares.sum(axis=0) - squares - n * mean**2, 0)
    freedom = np.maximum(n - 1, 0)
    shared = deviations.sum(axis=1) / np.maximum(freedom.sum(axis=1), 1)
    variance = np.where(n >= _N_SHADOWS, deviations / np.maximum(freedom, 1), shared[:, None])
    return n, mean, np.maximum(variance, least)


def _log_normal(x: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Natural logarithm of a normal density, less the constant."""
    logarithm: FloatArray = -((x - mean) ** 2 / variance + log(variance)) / 2
    return logarithm
