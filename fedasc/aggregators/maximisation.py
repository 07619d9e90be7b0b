"""What is most likely where every window belongs to each Gaussian by a share of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.product import add_product, aligned, panels, product
from fedasc.audio import FloatArray
from fedasc.values import lock_arrays

Covariance = Literal["diagonal", "full", "tied"]

NEXT_TO_NOTHING = 10 * 2.0**-52
"""Added to the windows of each Gaussian, so that none has no windows."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """What shares are made into.

    Args:
        n_windows: (n_components,) the sums of shares.
        means: (n_components, n_features)
        covariances: (n_components, n_features) variances, or full ones (n_components or 1,
            n_features, n_features), equal to their transposes.
    """

    n_windows: FloatArray
    means: FloatArray
    covariances: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)


@dataclass(frozen=True, eq=False)
class Windows:
    """A day that Gaussians are fitted to.

    All sums over windows run from the first to the last.

    Args:
        x: (n_windows, n_features) with a mean near zero, or else the squares lose digits.
        n_columns: Of shares; after n_windows of them there are zeros.
    """

    x: FloatArray
    n_columns: int

    def __post_init__(self) -> None:
        lock_arrays(self)

    @cached_property
    def _rows(self) -> FloatArray:
        """(n_columns, n_features) with zeros at the end."""
        rows = np.zeros((self.n_columns, self.x.shape[1]))
        rows[: len(self.x)] = self.x
        return rows

    @cached_property
    def _columns(self) -> FloatArray:
        """The same, (n_features, n_columns)."""
        return np.ascontiguousarray(self._rows.T)

    @cached_property
    def _powers(self) -> FloatArray:
        """Panels of ones and x."""
        return panels(np.column_stack([np.ones(self.n_columns), self._rows]))

    @cached_property
    def _panels(self) -> FloatArray:
        return panels(self._rows)

    @cached_property
    def _products(self) -> FloatArray:
        """(n_features, n_features) sums of x xᵀ."""
        return product(self._columns, self._rows)

    def gaussians(
        self, shares: FloatArray, *, covariance: Literal["full", "tied"], floor: float
    ) -> Gaussians:
        """The most likely ones.

        Args:
            shares: (n_components, n_columns) of each window.
            covariance: Of what kind.
            floor: Added to every variance.
        """
        sums = np.zeros((len(shares), self._powers.shape[0] * self._powers.shape[2]))
        add_product(shares, self._powers, sums)
        n_features = self.x.shape[1]
        n_windows = sums[:, 0] + NEXT_TO_NOTHING
        means = sums[:, 1 : n_features + 1] / n_windows[:, None]
        if covariance == "full":
            scatters = self._scatters(shares, means)
            covariances = scatters / n_windows[:, None, None]
        else:
            scaled = np.sqrt(n_windows)[:, None] * means
            between = product(scaled.T, scaled)
            covariances = ((self._products - between) / n_windows.sum())[None]
        return Gaussians(n_windows, means, covariances + floor * np.eye(n_features))

    def _scatters(self, shares: FloatArray, means: FloatArray) -> FloatArray:
        """(n_components, n_features, n_features) sums of deviations times deviations."""
        n_features = self.x.shape[1]
        rows = aligned(n_features, self.n_columns, np.float64)
        columns = np.zeros_like(self._panels)
        scatters = aligned(len(means) * n_features, columns.shape[0] * columns.shape[2], np.float64)
        scatters = scatters.reshape(len(means), n_features, -1)
        padded = np.zeros((len(means), columns.shape[0] * columns.shape[2]))
        padded[:, :n_features] = means
        roots = np.sqrt(shares)
        for root, mean, scatter in zip(roots, padded, scatters, strict=True):
            _deviate(self._columns, self._panels, root, mean, rows, columns)
            add_product(rows, columns, scatter)
        return scatters[:, :, :n_features]


@compiled
def _deviate(
    x: FloatArray,
    panels: FloatArray,
    factors: FloatArray,
    mean: FloatArray,
    rows: FloatArray,
    columns: FloatArray,
) -> None:
    """Write deviations from a mean, times a factor of each window, as a product takes them.

    Args:
        x: (n_features, n_windows)
        panels: (n_panels, n_windows, width) the same.
        factors: (n_windows,)
        mean: (n_panels · width,)
        rows: (n_features, n_windows), where they are written.
        columns: (n_panels, n_windows, width), where they are written.
    """
    n_panels, n_windows, width = columns.shape
    for feature in range(len(x)):
        for window in range(n_windows):
            rows[feature, window] = factors[window] * (x[feature, window] - mean[feature])
    for panel in range(n_panels):
        for window in range(n_windows):
            for lane in range(width):
                deviation = panels[panel, window, lane] - mean[panel * width + lane]
                columns[panel, window, lane] = factors[window] * deviation
