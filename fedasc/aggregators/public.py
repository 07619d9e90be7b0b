"""What a server publishes of its own recordings, so that devices can tell theirs beside them."""

from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.merging import merged
from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.axes import principal_axes
from fedasc.arithmetic.product import product
from fedasc.values import lock_arrays

_KEPT = 8
"""Coarser mixtures that a process keeps."""


@dataclass(frozen=True, eq=False)
class Public:
    """The same for every device, and made without a word from any.

    Args:
        mixture: Of all that the server has; diagonal.
        axes: (n_axes, n_features) orthonormal directions, in standard deviations of a component,
            along which samples deviate most from the component that they belong to, the first one
            most.
    """

    mixture: Mixture
    axes: NDArray[np.float32]

    def __post_init__(self) -> None:
        lock_arrays(self)

    @classmethod
    def of(cls, mixture: Mixture, deviations: NDArray[np.float32]) -> Self:
        """All axes there are, the same to the last bit on every machine.

        Args:
            deviations: (n_samples, n_features) from their components' means; see
                `fedasc.aggregators.deviations`.
        """
        exact = deviations.astype(np.float64)
        _, axes = principal_axes(product(np.ascontiguousarray(exact.T), exact))
        return cls(mixture, axes.astype(np.float32))

    @cached_property
    def digest(self) -> str:
        """Fingerprint of all of it, to the last bit."""
        content = blake2b(digest_size=12)
        for array in (*(getattr(self.mixture, each.name) for each in fields(Mixture)), self.axes):
            content.update(f"{array.dtype.str}{array.shape}".encode())
            content.update(np.ascontiguousarray(array).data)
        return content.hexdigest()

    def coarser(self, n_components: int) -> Self:
        """With so many components at most (see `fedasc.aggregators.merging`).

        Args:
            n_components: At least 1.
        """
        return replace(self, mixture=_merged(self.mixture, n_components))


_merged = lru_cache(maxsize=_KEPT)(merged)
