"""Expectation maximisation of Gaussians with diagonal covariances.

Most shares of a window are so small that double precision doesn't see them beside its largest one.
Single precision screens them (see `fedasc.arithmetic.screens`), and what is left is computed in
double precision: two or three of 32 distances, as a rule. Windows are taken a panel at a time, so
that little is kept of what they share in; sums over windows run from the first to the last.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.maximisation import NEXT_TO_NOTHING, Gaussians
from fedasc.arithmetic import screens
from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import exponential, logarithm
from fedasc.arithmetic.lanes import load, plus_product, spread, store, total
from fedasc.arithmetic.product import add_product
from fedasc.arithmetic.screens import N_LANES, list_near, screened
from fedasc.audio import FloatArray

_LOG_2_PI = 1.8378770664093454
TOLERANCE = 1e-3
"""Of the mean logarithm of the density: by a step that adds less, it has converged."""

_FAR = 37.0
"""Below the logarithm of the largest share: e⁻³⁷ is under 2⁻⁵³."""


def diagonal(
    x: FloatArray, middle: FloatArray, shares: FloatArray, *, floor: float, n_steps: int
) -> tuple[Gaussians, NDArray[np.int64], bool]:
    """Fit Gaussians with diagonal covariances.

    Args:
        x: (n_windows, n_features)
        middle: (n_features,) their mean or near it, or else the squares lose digits.
        shares: (n_windows, n_components) of each window, to start with.
        floor: Added to every variance.
        n_steps: At most.

    Returns:
        The Gaussians, the component (n_windows,) that each window had the largest share in, and
        whether the steps sufficed.
    """
    n_components, n_features = shares.shape[1], x.shape[1]
    rows = screens.rows(x, middle)
    columns, reach = screens.powers(rows, n_features, most=2)
    counts, assigned = np.empty(n_components), np.zeros(len(x), np.int64)
    sums, squares = np.zeros((2, n_components, rows.shape[1]))
    means, variances, slopes, starts = np.empty((4, n_components, rows.shape[1]))
    peaks = np.empty(n_components)
    _begin(rows, np.require(shares, requirements=["C", "W"]), counts, sums, squares)
    _maximise(counts, sums, squares, n_features, floor, means, variances)
    n_windows, before, converged = float(len(x)), -np.inf, False
    for _ in range(n_steps):
        _peak(counts, n_windows, means, variances, n_features, peaks, slopes, starts)
        density = _expect(
            *(rows, columns, reach, peaks, slopes, starts),
            *(counts, sums, squares, assigned),
        )
        n_windows = _maximise(counts, sums, squares, n_features, floor, means, variances)
        converged = abs(density - before) < TOLERANCE
        if converged:
            break
        before = density
    gaussians = Gaussians(counts, means[:, :n_features] + middle, variances[:, :n_features])
    return gaussians, assigned, converged


@compiled
def _begin(
    rows: FloatArray, shares: FloatArray, counts: FloatArray, sums: FloatArray, squares: FloatArray
) -> None:
    """Write sums of the shares (n_windows, n_components) that windows start with."""
    n_windows, n_components = shares.shape
    windows, some = np.empty(n_windows, np.int64), np.empty(n_windows)
    counts[:] = 0
    for component in range(n_components):
        last = 0
        for window in range(n_windows):
            if shares[window, component] > 0:
                windows[last], some[last] = window, shares[window, component]
                counts[component] += some[last]
                last += 1
        _add_windows(rows, windows[:last], some[:last], component, sums, squares)


@compiled
def _maximise(
    counts: FloatArray,
    sums: FloatArray,
    squares: FloatArray,
    n_features: int,
    floor: float,
    means: FloatArray,
    variances: FloatArray,
) -> float:
    """Write the most likely means and variances of sums, which are zero afterwards.

    Variances of what only fills the lanes are 1. Returns all windows.
    """
    n_components, width = means.shape
    n_windows = 0.0
    for component in range(n_components):
        counts[component] += NEXT_TO_NOTHING
        n_windows += counts[component]
        for feature in range(width):
            mean = sums[component, feature] / counts[component]
            variance = squares[component, feature] / counts[component] - mean * mean
            means[component, feature] = mean
            # What rounding left of none is none.
            variances[component, feature] = max(variance, 0.0) + floor
        variances[component, n_features:] = 1.0
    sums[:] = 0.0
    squares[:] = 0.0
    return n_windows


@compiled
def _peak(
    counts: FloatArray,
    n_windows: float,
    means: FloatArray,
    variances: FloatArray,
    n_features: int,
    peaks: FloatArray,
    slopes: FloatArray,
    starts: FloatArray,
) -> None:
    """Write logarithms of highest weighted densities, and the lines that whiten.

    Args:
        counts: (n_components,) windows of each.
        n_windows: Of all.
        means, variances: (n_components, width)
        n_features: Without those that fill the lanes.
        peaks: (n_components,)
        slopes, starts: (n_components, width)
    """
    n_components, width = means.shape
    logs = np.empty(n_components + N_LANES)
    logs[:] = 1.0
    for component in range(n_components):
        logs[component] = counts[component] / n_windows
    for start in range(0, n_components, N_LANES):
        store(logs, start, logarithm(load(logs, start, N_LANES)))
    for component in range(n_components):
        sums = spread(0.0, N_LANES)
        for start in range(component * width, (component + 1) * width, N_LANES):
            sums = sums + logarithm(load(variances, start, N_LANES))
        scale = total(sums) + n_features * _LOG_2_PI
        peaks[component] = logs[component] - 0.5 * scale
        for feature in range(width):
            slope = 1.0 / np.sqrt(variances[component, feature])
            slopes[component, feature] = slope
            starts[component, feature] = -means[component, feature] * slope


@compiled
def _expect(
    rows: FloatArray,
    columns: NDArray[np.float32],
    reach: FloatArray,
    peaks: FloatArray,
    slopes: FloatArray,
    starts: FloatArray,
    counts: FloatArray,
    sums: FloatArray,
    squares: FloatArray,
    assigned: NDArray[np.int64],
) -> float:
    """The mean logarithm of the density; counts, sums and assigned are written.

    Args:
        rows: (n_windows, width)
        columns: (n_panels, 2 · n_features, n_lanes) their squares and they themselves.
        reach: (2 · n_features,) highest absolute values of these.
        peaks, slopes, starts: See `_peak`.
        counts: (n_components,) sums of shares.
        sums, squares: (n_components, width) sums of shares of x and x², which begin with zeros.
        assigned: (n_windows,)
    """
    n_windows, n_components, n_lanes = len(rows), len(peaks), columns.shape[2]
    polynomials = np.empty((n_components, columns.shape[1]), np.float32)
    constants, off = np.empty((2, n_components), np.float32)
    _expand(peaks, slopes, starts, reach, polynomials, constants, off)
    block = np.empty((n_components, n_lanes), np.float32)
    windows = np.empty(n_components * n_lanes, np.int64)
    shares = np.empty(n_components * n_lanes + N_LANES)
    firsts = np.zeros(n_components + 1, np.int64)
    highest, totals = np.empty(n_windows), np.empty(n_windows + N_LANES)
    highest[:], totals[:n_windows], totals[n_windows:] = -np.inf, 0.0, 1.0
    counts[:] = 0
    for panel in range(len(columns)):
        for component in range(n_components):
            block[component] = constants[component]
        add_product(polynomials, columns[panel : panel + 1], block)
        list_near(block, off, _FAR, panel * n_lanes, n_windows, windows, firsts)
        n_near = firsts[n_components]
        for component in range(n_components):
            for near in range(firsts[component], firsts[component + 1]):
                window = windows[near]
                density = peaks[component] - 0.5 * _square(slopes, starts, component, rows, window)
                shares[near] = density
                assigned[window] = component if density > highest[window] else assigned[window]
                highest[window] = density if density > highest[window] else highest[window]
        for near in range(n_near):
            shares[near] -= highest[windows[near]]
        for start in range(0, n_near, N_LANES):
            store(shares, start, exponential(load(shares, start, N_LANES)))
        for near in range(n_near):
            totals[windows[near]] += shares[near]
        for component in range(n_components):
            first, last = firsts[component], firsts[component + 1]
            for near in range(first, last):
                shares[near] /= totals[windows[near]]
                counts[component] += shares[near]
            if last > first:
                some = shares[first:last]
                _add_windows(rows, windows[first:last], some, component, sums, squares)
    for start in range(0, n_windows, N_LANES):
        store(totals, start, logarithm(load(totals, start, N_LANES)))
    mean = 0.0
    for window in range(n_windows):
        mean += highest[window] + totals[window]
    mean /= n_windows
    return mean


@compiled
def _expand(
    peaks: FloatArray,
    slopes: FloatArray,
    starts: FloatArray,
    reach: FloatArray,
    polynomials: NDArray[np.float32],
    constants: NDArray[np.float32],
    off: NDArray[np.float32],
) -> None:
    """Write densities' logarithms as polynomials of features.

    Args:
        peaks, slopes, starts: See `_peak`.
        reach: (2 * n_features,) highest absolute values of squares and of features.
        polynomials: (n_components, 2 * n_features), of squares and of features.
        constants: (n_components,)
        off: (n_components,) how far the sums may be off.
    """
    n_features = len(reach) // 2
    exact = np.empty(2 * n_features)
    for component in range(len(peaks)):
        constant = peaks[component]
        for feature in range(n_features):
            slope, start = slopes[component, feature], starts[component, feature]
            exact[feature] = -0.5 * slope * slope
            exact[n_features + feature] = -slope * start
            constant -= 0.5 * start * start
        constants[component] = constant
        off[component] = screened(exact, constant, reach, polynomials[component])


@compiled
def _square(
    slopes: FloatArray, starts: FloatArray, component: int, rows: FloatArray, window: int
) -> float:
    """The squared Mahalanobis distance of a window from a component.

    Eight sums of every eighth feature are added to each other by halves.
    """
    width = rows.shape[1]
    squares = spread(0.0, N_LANES)
    for start in range(0, width, N_LANES):
        place = component * width + start
        x = load(rows, window * width + start, N_LANES)
        white = plus_product(load(starts, place, N_LANES), load(slopes, place, N_LANES), x)
        squares = plus_product(squares, white, white)
    distance: float = total(squares)
    return distance


@compiled
def _add_windows(
    rows: FloatArray,
    windows: NDArray[np.int64],
    shares: FloatArray,
    component: int,
    sums: FloatArray,
    squares: FloatArray,
) -> None:
    """Add shares of windows to the sums of a component, from the first of them to the last.

    Args:
        rows: (n_windows, width)
        windows: (n,) numbers of rows.
        shares: (n,) of these windows.
        component: To whose sums.
        sums, squares: (n_components, width) of x and x².
    """
    width = rows.shape[1]
    for start in range(0, width, N_LANES):
        place = component * width + start
        summed, squared = load(sums, place, N_LANES), load(squares, place, N_LANES)
        for each in range(len(windows)):
            x = load(rows, windows[each] * width + start, N_LANES)
            share = spread(shares[each], N_LANES) * x
            summed = summed + share
            squared = plus_product(squared, share, x)
        store(sums, place, summed)
        store(squares, place, squared)
