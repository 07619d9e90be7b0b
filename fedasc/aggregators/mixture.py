"""The Gaussian mixture: what a device sends instead of what it heard (paper eq. 3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from fedasc.audio import FloatArray
from fedasc.errors import MessageError
from fedasc.values import lock_arrays

_SUM_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class Mixture:
    """Gaussian mixture with diagonal covariances, in the precision of the wire.

    Args:
        weights: (n_components,) positive, with sum 1.
        means: (n_components, n_features)
        variances: (n_components, n_features) positive.

    Raises:
        MessageError: If shapes don't fit or a number can't belong to a mixture.
    """

    weights: NDArray[np.float32]
    means: NDArray[np.float32]
    variances: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = self.weights.size
        if self.weights.ndim != 1 or self.means.ndim != 2 or len(self.means) != n or n == 0:
            raise MessageError(
                f"mixture: expected weights (n,) and means (n, n_features), got "
                f"{self.weights.shape} and {self.means.shape}"
            )
        if self.variances.shape != self.means.shape:
            raise MessageError(
                f"mixture: expected variances {self.means.shape}, got {self.variances.shape}"
            )
        finite = all(
            np.isfinite(array).all() for array in (self.weights, self.means, self.variances)
        )
        if not finite or (self.variances <= 0).any() or (self.weights <= 0).any():
            raise MessageError("mixture: expected finite means, positive weights and variances")
        if abs(float(self.weights.sum()) - 1) > _SUM_TOLERANCE:
            raise MessageError(f"mixture: weights must add to 1, got {self.weights.sum():.6f}")
        lock_arrays(self)

    @property
    def n_components(self) -> int:
        return len(self.weights)

    @property
    def n_bytes(self) -> int:
        """Size of the numbers on the wire."""
        return self.weights.nbytes + self.means.nbytes + self.variances.nbytes

    def sample(self, n_samples: int, *, rng: np.random.Generator) -> NDArray[np.float32]:
        """Draw artificial sequences in random order (paper eq. 4).

        Returns:
            (n_samples, n_features)
        """
        weights = self.weights.astype(np.float64)
        component = rng.choice(self.n_components, size=n_samples, p=weights / weights.sum())
        normal = rng.standard_normal((n_samples, self.means.shape[1]), dtype=np.float32)
        drawn: NDArray[np.float32] = normal
        drawn *= np.sqrt(self.variances)[component]
        drawn += self.means[component]
        return drawn

    def log_density(self, x: NDArray[np.floating[Any]]) -> FloatArray:
        """(n_samples,) natural logarithm of the density at x (n_samples, n_features)."""
        variances = self.variances.astype(np.float64)
        distance = (x[:, None, :] - self.means) ** 2 / variances
        terms = distance + np.log(2 * np.pi * variances)
        weighted = np.log(self.weights.astype(np.float64)) - terms.sum(axis=2) / 2
        density: FloatArray = logsumexp(weighted, axis=1)
        return density
