"""What a device sends of a sum that nobody reads but as a whole, and that sum.

Secure aggregation (Bonawitz et al. 2017) adds integers modulo a power of two: every message is
uniformly random by itself, and masks cancel in the sum of all. Here the masks are left out and
nobody looks at a single message, which is the same for whatever is made of the sum. So all numbers
are whole ones, of a public grid, and their sum is exact in whatever order they come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.draft import mixture_draft
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import PublicSums
from fedasc.aggregators.shrinkage import Shrinkage
from fedasc.arithmetic.functions import log
from fedasc.errors import MessageError
from fedasc.values import lock_arrays

GRID = 2.0**-24
"""What the integer 1 stands for."""

_OF_POOLS = Shrinkage(concentration=40.0, spread=1.3, relevance=0.0)
"""As of a single user, see `fedasc.aggregators.dp_mixture`: what users have in common the server
needn't have recorded. Of so many windows none needs to be outweighed."""

_LEAST_WEIGHT = 1e-4


@dataclass(frozen=True, eq=False)
class SumShare(Content):
    """One device's share of a sum, with its share of the noise.

    Args:
        sums: (n_components, 1 + n_axes) the mean over windows of what they add to counts and sums
            (see `fedasc.aggregators.public_sums`), with noise, on the grid.
        terms: (3,) what all devices were told: how many must take part at least, and on the grid
            the standard deviation of a share's noise, and the clip.

    Raises:
        MessageError: If these are no such integers.
    """

    kind: ClassVar[str] = "shares of a pooled sum"

    sums: NDArray[np.int64]
    terms: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not self.sums.dtype == self.terms.dtype == np.int64:
            raise MessageError(
                f"share: expected int64, got {self.sums.dtype} and {self.terms.dtype}"
            )
        if self.sums.ndim != 2 or not self.sums.size or self.terms.shape != (3,):
            raise MessageError(
                f"share: expected sums (n_components, 1 + n_axes) and 3 terms, got "
                f"{self.sums.shape} and {self.terms.shape}"
            )
        if (self.terms < (1, 0, 1)).any():
            raise MessageError("share: expected at least one device, noise and a clip")
        lock_arrays(self)


@dataclass(frozen=True, eq=False)
class PooledSums(Content):
    """The sum of several devices' shares: all that a server reads under secure aggregation.

    Args:
        sums: (n_components, 1 + n_axes)
        terms: (3,) see `SumShare`.
        n_devices: Who took part.
    """

    kind: ClassVar[str] = "pooled sums"

    sums: NDArray[np.int64]
    terms: NDArray[np.int64]
    n_devices: int

    def __post_init__(self) -> None:
        lock_arrays(self)

    @classmethod
    def of(cls, shares: Sequence[SumShare]) -> Self:
        """Their sum, modulo 2⁶⁴, whatever their order.

        Raises:
            MessageError: If devices were told different terms.
        """
        first = shares[0]
        forms = {(one.sums.shape, one.terms.tobytes()) for one in shares}
        if len(forms) > 1:
            raise MessageError("shares of different sums can't be added")
        return cls(np.sum([one.sums for one in shares], axis=0), first.terms, len(shares))

    @property
    def is_readable(self) -> bool:
        """Whether so many took part as the noise was made for; with fewer nobody may read it."""
        return self.n_devices >= int(self.terms[0])

    def mixture(self, public: Public) -> Mixture:
        """The public mixture with the weights and means of the devices' windows.

        What devices count are merged components. Each of those that the server has weighs more by
        as much as the merged one that it is nearest to, and is moved as that one is; it keeps its
        variances. So what is lost in noise is as public as it was. It is made of the sum and of
        what is public alone, and no share can move a mean by more than the clip, in standard
        deviations of a merged component.

        Args:
            public: What the devices were given.

        Returns:
            The public mixture as it is if too few took part, or nothing else is left of it.
        """
        published, merged = public.mixture, public.coarser(len(self.sums))
        if not self.is_readable:
            return published
        sums, unit = self.sums.astype(np.float64), GRID / self.n_devices
        _, std, clip = self.terms.tolist()
        shares, means = _OF_POOLS.told(
            sums[: merged.mixture.n_components] * unit,
            1.0,
            merged,
            scaled=PublicSums(n_axes=self.sums.shape[1] - 1, clip=clip * GRID),
            std=sqrt(self.n_devices) * std * unit,
        )
        parent = _nearest(published, merged.mixture)
        weights = published.weights * (shares / merged.mixture.weights)[parent]
        if not weights.any():  # all share is that of a merged component to which none is nearest
            return published
        return mixture_draft(
            weights / weights.sum(),
            published.means + (means - merged.mixture.means)[parent],
            published.covariances.astype(np.float64),
            n_effective=weights,
            least=_LEAST_WEIGHT,
        ).content


def _nearest(mixture: Mixture, merged: Mixture) -> NDArray[np.int64]:
    """(n_components,) of another diagonal mixture the component that samples most likely are of.

    By the expectation of the logarithm of its weighted density over each component.
    """
    means, variances = (array.astype(np.float64) for array in (merged.means, merged.covariances))
    squares = mixture.covariances[:, None] + (mixture.means[:, None] - means) ** 2
    costs = (log(variances) + squares / variances).sum(axis=2) - 2 * log(merged.weights)
    nearest: NDArray[np.int64] = costs.argmin(axis=1)
    return nearest
