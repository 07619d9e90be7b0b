"""The Gaussian mixture: what a device sends instead of what it heard (paper eq. 3)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Arrays, Claims, Components
from fedasc.aggregators.covariances import (
    correlated,
    n_packed,
    of_packed_roots,
    packed_roots,
    symmetric,
    triangles,
)
from fedasc.aggregators.whitening import beside, distances, log_peaks, whitenings
from fedasc.arithmetic.factor import cholesky
from fedasc.arithmetic.functions import exp, log, log_sum_exp, softmax
from fedasc.audio import FloatArray
from fedasc.errors import MessageError
from fedasc.values import lock_arrays

_SUM_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Mixture(Components):
    """Gaussian mixture in the precision of the wire.

    Args:
        weights: (n_components,) positive, with sum 1.
        means: (n_components, n_features)
        covariances: (n_components, n_features) positive variances,
            (n_components, n_features, n_features) full covariances, or
            (1, n_features, n_features) one that all components share (tied). Each matrix is
            positive definite and equal to its transpose to the last bit: a second half of its own
            could carry anything.

    Examples:
        Two components of two features, three quarters of what is drawn near the first:

        >>> parts = [0.75, 0.25], [[0, 0], [9, 9]], [[1, 1], [1, 1]]
        >>> mixture = Mixture(*(np.array(part, np.float32) for part in parts))
        >>> samples = mixture.sample(400, rng=np.random.default_rng(1))
        >>> samples.shape, (samples[:, 0] < 4).mean().round(2)
        ((400, 2), np.float64(0.75))
        >>> mixture.component_of(np.array([[8.5, 9.5]], np.float32))
        array([1])

    Raises:
        MessageError: If shapes don't fit or a number can't belong to a mixture.
    """

    kind: ClassVar[str] = "mixtures"

    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    covariances: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = self.weights.size
        if self.weights.ndim != 1 or self.means.ndim != 2 or len(self.means) != n or n == 0:
            raise MessageError(
                f"mixture: expected weights (n,) and means (n, n_features), got "
                f"{self.weights.shape} and {self.means.shape}"
            )
        square = (*self.means.shape, self.means.shape[1])
        if self.covariances.shape not in (self.means.shape, square, (1, *square[1:])):
            raise MessageError(
                f"mixture: expected variances {self.means.shape}, covariances {square} or a single "
                f"one, got {self.covariances.shape}"
            )
        arrays = (self.weights, self.means, self.covariances)
        if any(array.dtype != np.float32 for array in arrays):
            raise MessageError(
                f"mixture: expected float32, got {', '.join(str(array.dtype) for array in arrays)}"
            )
        finite = all(np.isfinite(array).all() for array in arrays)
        if not finite or (self.variances <= 0).any() or (self.weights <= 0).any():
            raise MessageError("mixture: expected finite means, positive weights and variances")
        if abs(float(self.weights.sum()) - 1) > _SUM_TOLERANCE:
            raise MessageError(f"mixture: weights must add to 1, got {self.weights.sum():.6f}")
        lock_arrays(self)
        if self.is_full:
            self._check_matrices()

    def _check_matrices(self) -> None:
        if self.covariances.tobytes() != np.swapaxes(self.covariances, 1, 2).tobytes():
            raise MessageError("mixture: covariances must equal their transpose to the last bit")
        try:
            _ = self._roots
        except ValueError:
            raise MessageError("mixture: covariances must be positive definite") from None

    @property
    def n_components(self) -> int:
        return len(self.weights)

    @property
    def is_full(self) -> bool:
        """Whether covariances are matrices."""
        return self.covariances.ndim == 3

    @property
    def variances(self) -> NDArray[np.float32]:
        """(n_components, n_features) of each feature alone."""
        if not self.is_full:
            return self.covariances
        return np.broadcast_to(
            np.diagonal(self.covariances, axis1=1, axis2=2),
            (self.n_components, *self.means.shape[1:]),
        )

    @property
    def component_covariances(self) -> NDArray[np.float32]:
        """(n_components, ...) covariances of each component, whether it shares them or not."""
        return np.broadcast_to(self.covariances, (self.n_components, *self.covariances.shape[1:]))

    @cached_property
    def _roots(self) -> FloatArray:
        """(n_components or 1, n_features, n_features) lower Cholesky factors of covariances."""
        return cholesky(self.covariances.astype(np.float64))

    @cached_property
    def _whitening(self) -> FloatArray:
        """See the module of that name."""
        return whitenings(self.covariances.astype(np.float64))

    def arrays(self) -> Arrays:
        """What goes over the wire: of full covariances the lower triangles, row by row."""
        packed = triangles(self.covariances) if self.is_full else self.covariances
        return {"weights": self.weights, "means": self.means, "covariances": packed}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        weights, means, covariances = (arrays[name] for name in ("weights", "means", "covariances"))
        if _are_packed(covariances, means):
            covariances = symmetric(covariances, means.shape[1])
        return cls(weights, means, covariances)

    def parameters(self) -> Arrays:
        """Weights and variances as logarithms, full covariances as their Cholesky factors."""
        return {
            "weights": log(self.weights).astype(np.float32),
            "means": self.means,
            "covariances": (
                packed_roots(self._roots)
                if self.is_full
                else log(self.covariances).astype(np.float32)
            ),
        }

    @classmethod
    def of_parameters(cls, parameters: Arrays) -> Self:
        weights, means, spreads = (
            np.asarray(parameters[name], np.float32) for name in ("weights", "means", "covariances")
        )
        if not all(np.isfinite(array).all() for array in (weights, spreads)):
            raise MessageError("mixture: expected finite logarithms of weights and variances")
        with np.errstate(over="ignore", invalid="ignore"):
            shares = exp(weights - weights.max(initial=-np.inf))
            covariances = (
                of_packed_roots(spreads, means.shape[1])
                if _are_packed(spreads, means)
                else exp(spreads).astype(np.float32)
            )
            return cls((shares / shares.sum()).astype(np.float32), means, covariances)

    def claims(self) -> Claims:
        """Means of windows, and deviations about them."""
        return Claims(points=self.means, spreads=np.sqrt(self.variances))

    def of_components(self, some: NDArray[np.bool_]) -> Self:
        weights, is_tied = self.weights[some], len(self.covariances) < self.n_components
        return type(self)(
            weights / weights.sum(),
            self.means[some],
            self.covariances if is_tied else self.covariances[some],
        )

    def sample(
        self,
        n_samples: int,
        *,
        rng: np.random.Generator,
        deviations: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Draw artificial sequences in random order (paper eq. 4).

        Args:
            deviations: (n_observed, n_features) of variance 1, rows of which take the place of
                normal numbers, so that features vary together as they did where these were
                observed; for diagonal covariances, which don't tell how they do.

        Returns:
            (n_samples, n_features)
        """
        weights = self.weights.astype(np.float64)
        component = rng.choice(self.n_components, size=n_samples, p=weights / weights.sum())
        if deviations is None or self.is_full:
            normal = rng.standard_normal((n_samples, self.means.shape[1]), dtype=np.float32)
        else:
            normal = deviations[rng.integers(len(deviations), size=n_samples)]
        drawn: NDArray[np.float32] = normal
        if self.is_full:
            number = np.minimum(component, len(self._roots) - 1)  # of the only one, if tied
            drawn = correlated(normal, self._roots, number).astype(np.float32)
        else:
            drawn *= np.sqrt(self.covariances)[component]
        drawn += self.means[component]
        return drawn

    def log_density(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples,) natural logarithm of the density at x (n_samples, n_features)."""
        return log_sum_exp(self._log_densities(x))

    def responsibilities(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples, n_components) probability of each component for x (n_samples, n_features)."""
        return softmax(self._log_densities(x))

    def component_of(self, x: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """(n_samples,) the component that each of x (n_samples, n_features) most likely is of."""
        component: NDArray[np.int64] = self._log_densities(x).argmax(axis=1)
        return component

    def _log_densities(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples, n_components) logarithm of the weighted density of each component."""
        whitening = self._whitening
        squares = distances(whitening, self.means.astype(np.float64), beside(x))
        peaks = log(self.weights) + log_peaks(whitening)
        densities: FloatArray = peaks - squares[:, : len(x)].T / 2
        return densities


def _are_packed(covariances: NDArray[Any], means: NDArray[Any]) -> bool:
    """Whether covariances are lower triangles of matrices, not variances."""
    return (
        means.ndim == 2
        and means.shape[1] > 1
        and len(covariances) > 0
        and covariances.shape[1:] == (n_packed(means.shape[1]),)
    )
