"""The Gaussian mixture: what a device sends instead of what it heard (paper eq. 3)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from fedasc.audio import FloatArray
from fedasc.errors import MessageError
from fedasc.values import lock_arrays

_SUM_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Mixture:
    """Gaussian mixture in the precision of the wire.

    Args:
        weights: (n_components,) positive, with sum 1.
        means: (n_components, n_features)
        covariances: (n_components, n_features) positive variances, or
            (n_components, n_features, n_features) full covariances, each positive definite and
            equal to its transpose to the last bit: a second half of its own could carry anything.

    Raises:
        MessageError: If shapes don't fit or a number can't belong to a mixture.
    """

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
        if self.covariances.shape not in (self.means.shape, square):
            raise MessageError(
                f"mixture: expected variances {self.means.shape} or covariances {square}, got "
                f"{self.covariances.shape}"
            )
        finite = all(
            np.isfinite(array).all() for array in (self.weights, self.means, self.covariances)
        )
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
        except np.linalg.LinAlgError:
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
        return np.diagonal(self.covariances, axis1=1, axis2=2) if self.is_full else self.covariances

    @cached_property
    def _roots(self) -> FloatArray:
        """(n_components, n_features, n_features) lower Cholesky factors of full covariances."""
        return np.linalg.cholesky(self.covariances.astype(np.float64))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """What goes over the wire: of full covariances the lower triangles, row by row."""
        packed = self.covariances
        if self.is_full:
            rows, columns = np.tril_indices(self.means.shape[1])
            packed = packed[:, rows, columns]
        return {"weights": self.weights, "means": self.means, "covariances": packed}

    @classmethod
    def of_arrays(
        cls,
        weights: NDArray[np.float32],
        means: NDArray[np.float32],
        covariances: NDArray[np.float32],
    ) -> "Mixture":
        """The mixture that went over the wire (see `arrays`).

        Raises:
            MessageError: If it is none.
        """
        n_features = means.shape[-1] if means.ndim else 0
        rows, columns = np.tril_indices(n_features)
        if n_features < 2 or covariances.shape[1:] != rows.shape:
            return cls(weights, means, covariances)
        full = np.empty((len(covariances), n_features, n_features), np.float32)
        full[:, rows, columns] = full[:, columns, rows] = covariances
        return cls(weights, means, full)

    @property
    def n_bytes(self) -> int:
        """Size of the numbers on the wire."""
        return sum(array.nbytes for array in self.arrays().values())

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
            for number, root in enumerate(self._roots):
                own = component == number
                drawn[own] = normal[own] @ root.T
        else:
            drawn *= np.sqrt(self.covariances)[component]
        drawn += self.means[component]
        return drawn

    def log_density(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples,) natural logarithm of the density at x (n_samples, n_features)."""
        density: FloatArray = logsumexp(self._log_densities(x), axis=1)
        return density

    def component_of(self, x: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """(n_samples,) the component that each of x (n_samples, n_features) most likely is of."""
        component: NDArray[np.int64] = self._log_densities(x).argmax(axis=1)
        return component

    def _log_densities(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples, n_components) logarithm of the weighted density of each component."""
        distances, volumes = self._distances(x)
        constant = self.means.shape[1] * np.log(2 * np.pi)
        densities: FloatArray = (
            np.log(self.weights.astype(np.float64)) - (distances + volumes + constant) / 2
        )
        return densities

    def _distances(self, x: NDArray[np.floating[Any]]) -> tuple[FloatArray, FloatArray]:
        """Squared Mahalanobis distance from each component, and the logarithm of determinants."""
        if not self.is_full:
            variances = self.covariances.astype(np.float64)
            squares = (x[:, None, :] - self.means) ** 2 / variances
            return squares.sum(axis=2), np.log(variances).sum(axis=1)
        whitened = [
            solve_triangular(root, (x - mean).T.astype(np.float64), lower=True)
            for root, mean in zip(self._roots, self.means, strict=True)
        ]
        diagonals = np.diagonal(self._roots, axis1=1, axis2=2)
        squares = np.stack([(white**2).sum(axis=0) for white in whitened], axis=1)
        return squares, 2 * np.log(diagonals).sum(axis=1)
