"""Weights, means and variances of groups of windows that come one after the other."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.values import lock_arrays


@dataclass(frozen=True, eq=False)
class RunningGaussians:
    """The sufficient statistics of Gaussians, 2 · n_features + 1 numbers each.

    These are as good as the sums of weights, of x and of x², but nothing cancels between them
    (Welford 1962; Chan, Golub and LeVeque 1983).

    Args:
        weights: (n_groups,) sums of the windows' shares in each group.
        means: (n_groups, n_features)
        scatters: (n_groups, n_features) sums of squared deviations from the means.
    """

    weights: FloatArray
    means: FloatArray
    scatters: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    @classmethod
    def empty(cls, n_groups: int, n_features: int) -> Self:
        """Groups without windows."""
        nothing = np.zeros((n_groups, n_features))
        return cls(np.zeros(n_groups), nothing, nothing)

    def __len__(self) -> int:
        return len(self.weights)

    def __getitem__(self, some: NDArray[Any]) -> Self:
        return type(self)(self.weights[some], self.means[some], self.scatters[some])

    def __add__(self, other: Self) -> Self:
        """The groups of both, side by side."""
        return type(self)(
            np.concatenate([self.weights, other.weights]),
            np.concatenate([self.means, other.means]),
            np.concatenate([self.scatters, other.scatters]),
        )

    def times(self, factor: float) -> Self:
        """As if every window had had so many times its share."""
        return type(self)(self.weights * factor, self.means, self.scatters * factor)

    def added(self, x: NDArray[np.floating[Any]], shares: FloatArray) -> Self:
        """With one more window.

        Args:
            x: (n_features,)
            shares: (n_groups,) in each group.
        """
        weights = self.weights + shares
        parts = np.divide(shares, weights, out=np.zeros(len(self)), where=weights > 0)[:, None]
        deviations = x - self.means
        means = self.means + parts * deviations
        return type(self)(
            weights, means, self.scatters + shares[:, None] * deviations * (x - means)
        )

    def started(self, x: NDArray[np.floating[Any]], share: float) -> Self:
        """With a window as a group of its own."""
        one = np.asarray(x, np.float64)[None]
        return self + type(self)(np.array([share]), one, np.zeros_like(one))

    def merged(self) -> Self:
        """With one group less: those two are made one that scatter least around a common mean.

        The sum of squares that a pair adds is Ward's criterion (1963).
        """
        squares = ((self.means[:, None] - self.means) ** 2).sum(axis=2)
        masses = self.weights[:, None] * self.weights
        sums = self.weights[:, None] + self.weights
        costs = squares * np.divide(masses, sums, out=np.zeros_like(sums), where=sums > 0)
        np.fill_diagonal(costs, np.inf)
        one, other = sorted(divmod(int(costs.argmin()), len(self)))
        pair = self[np.array([one, other])].pooled()
        others = np.ones(len(self), bool)
        others[[one, other]] = False
        return self[others] + pair

    def pooled(self) -> Self:
        """All windows as one group."""
        weight = self.weights.sum()
        mean = self._sum_of(self.means) / weight
        scatter = self.scatters.sum(axis=0) + self._sum_of((self.means - mean) ** 2)
        return type(self)(np.array([weight]), mean[None], scatter[None])

    def _sum_of(self, values: FloatArray) -> FloatArray:
        """(n_features,) weighted sums of the groups' values, from the first group to the last."""
        total: FloatArray = (self.weights[:, None] * values).sum(axis=0)
        return total
