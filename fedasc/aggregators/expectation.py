"""Expectation maximisation (Dempster, Laird and Rubin 1977), the steps of scikit-learn.

Everything that is summed is summed in an order of its own, so a day is the same mixture wherever it
is fitted. Windows are the lanes of vectors.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.diagonal import TOLERANCE, diagonal
from fedasc.aggregators.maximisation import Covariance, Gaussians, Windows
from fedasc.aggregators.whitening import beside, distances, log_peaks, whitenings
from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import exponential, log
from fedasc.arithmetic.lanes import higher, load, spread, store
from fedasc.audio import FloatArray
from fedasc.values import lock_arrays

_N_LANES = 8


@dataclass(frozen=True, eq=False)
class Fit:
    """A mixture in double precision.

    Args:
        weights: (n_components,) with sum 1.
        means: (n_components, n_features)
        covariances: As of `Gaussians`.
        assigned: (n_windows,) the component that each window had the largest share in.
        converged: Whether the steps sufficed.
    """

    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    assigned: NDArray[np.int64]
    converged: bool

    def __post_init__(self) -> None:
        lock_arrays(self)


def fit(
    x: FloatArray, shares: FloatArray, *, covariance: Covariance, floor: float, n_steps: int
) -> Fit:
    """Fit a mixture.

    Args:
        x: (n_windows, n_features)
        shares: (n_windows, n_components) of each window, to start with.
        covariance: Of what kind.
        floor: Added to every variance.
        n_steps: At most.

    Raises:
        ValueError: If a covariance isn't positive definite, for too low a floor.
    """
    centre = x.mean(axis=0)
    if covariance == "diagonal":
        gaussians, assigned, converged = diagonal(x, centre, shares, floor=floor, n_steps=n_steps)
        weights = gaussians.n_windows / gaussians.n_windows.sum()
        return Fit(weights, gaussians.means, gaussians.covariances, assigned, converged)
    columns = beside(x - centre)
    padded = np.zeros((shares.shape[1], columns.shape[0] * columns.shape[2]))
    padded[:, : len(x)] = shares.T
    windows = Windows(x - centre, padded.shape[1])
    if covariance == "tied":
        # All windows' squares count, even of those that have no share in a start from single ones:
        # what scikit-learn starts with then depends on how far from zero they are.
        gaussians = Windows(x, padded.shape[1]).gaussians(
            padded, covariance=covariance, floor=floor
        )
        gaussians = replace(gaussians, means=gaussians.means - centre)
    else:
        gaussians = windows.gaussians(padded, covariance=covariance, floor=floor)
    weights = gaussians.n_windows / len(x)
    before, converged = -np.inf, False
    for _ in range(n_steps):
        density, padded = _expect(weights, gaussians, columns, n_windows=len(x))
        gaussians = windows.gaussians(padded, covariance=covariance, floor=floor)
        weights = gaussians.n_windows / gaussians.n_windows.sum()
        converged = bool(abs(density - before) < TOLERANCE)
        if converged:
            break
        before = density
    assigned = padded[:, : len(x)].argmax(axis=0)
    return Fit(weights, gaussians.means + centre, gaussians.covariances, assigned, converged)


def _expect(
    weights: FloatArray, gaussians: Gaussians, columns: FloatArray, *, n_windows: int
) -> tuple[float, FloatArray]:
    """The mean logarithm of the density, and the shares in each Gaussian of every window.

    Args:
        weights: (n_components,)
        gaussians: See there.
        columns: (n_panels, n_features, width) from `beside`.
        n_windows: In these columns.

    Returns:
        The mean, and shares (n_components, n_panels · width) with zeros at the end.
    """
    whitening = whitenings(gaussians.covariances)
    shares = distances(whitening, gaussians.means, columns)
    peaks = log(weights) + log_peaks(whitening)
    most, totals = np.empty(shares.shape[1]), np.empty(shares.shape[1])
    _share(shares, peaks, most, totals)
    shares[:, n_windows:] = 0
    densities = most[:n_windows] + log(totals[:n_windows])
    return float(densities.mean()), shares


@compiled
def _share(distances: FloatArray, peaks: FloatArray, most: FloatArray, totals: FloatArray) -> None:
    """Make squared distances shares of densities, in place.

    Args:
        distances: (n_components, n_columns)
        peaks: (n_components,) logarithms of the highest weighted densities.
        most: (n_columns,), where the highest logarithms of densities are written.
        totals: (n_columns,), where all densities' sums are, from the first component to the last,
            less what `most` says.
    """
    n_components, n_columns = distances.shape
    half = spread(0.5, _N_LANES)
    for start in range(0, n_columns, _N_LANES):
        highest = spread(peaks[0], _N_LANES) - half * load(distances, start, _N_LANES)
        store(distances, start, highest)
        for component in range(1, n_components):
            place = component * n_columns + start
            density = spread(peaks[component], _N_LANES) - half * load(distances, place, _N_LANES)
            store(distances, place, density)
            highest = higher(highest, density)
        total = spread(0.0, _N_LANES)
        for component in range(n_components):
            place = component * n_columns + start
            density = exponential(load(distances, place, _N_LANES) - highest)
            store(distances, place, density)
            total = total + density
        for component in range(n_components):
            place = component * n_columns + start
            store(distances, place, load(distances, place, _N_LANES) / total)
        store(most, start, highest)
        store(totals, start, total)
