"""A day in sums over what the server published, to which a single window adds little.

A window x belongs to the public component k that it most likely is of. Its deviation from that
component's mean, in standard deviations of the component and along the public axes, is divided by
the clip and shortened to the length 1 where it is longer: u, |u| ≤ 1. What the window adds is

    v(x) = (α·e_k, β·u in the place of component k),    α² = β² = 1/2.

Where one window is replaced by another, the sums move by |v(x) − v(x′)|. Of two windows of one
component that is β·|u − u′| ≤ 2β = √2; of two that belong to different ones it is the root of
2α² + β²|u|² + β²|u′|² ≤ 2(α² + β²) = 2. So it is √2 at most, and no larger β would do. Without axes
α is 1, and the counts move by √2 as well.

Of k windows that are replaced each moves them by √2 at most, so together k·√2 (as when all leave
one component for another). Where the whole day is, the mean of v moves by √2 at most, however long
the day: it lies among the means of vectors any two of which are that near.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.public import Public
from fedasc.arithmetic.product import product
from fedasc.audio import FloatArray

SENSITIVITY = math.sqrt(2)
"""How far the sums move at most, as Euclid has it, where one window is replaced by another."""


@dataclass(frozen=True, kw_only=True)
class PublicSums:
    """How a day is added up.

    Args:
        n_axes: Public axes along which deviations are added, the first ones; counts alone if 0.
        clip: Length of a deviation, in standard deviations of the component, from which on it
            counts as no longer.
    """

    n_axes: int
    clip: float

    @property
    def scales(self) -> tuple[float, float]:
        """α and β, by which counts and sums are multiplied."""
        return (math.sqrt(0.5), math.sqrt(0.5)) if self.n_axes else (1.0, 0.0)

    def of(self, x: NDArray[np.float32], public: Public) -> FloatArray:
        """The sum of v(x) over windows.

        Args:
            x: (n_windows, n_features) in dB.

        Returns:
            (n_components, 1 + n_axes)
        """
        mixture, axes = public.mixture, public.axes[: self.n_axes]
        component = mixture.component_of(x)
        of_count, of_sum = self.scales
        sums = np.zeros((mixture.n_components, 1 + len(axes)))
        sums[:, 0] = of_count * np.bincount(component, minlength=len(sums))
        if len(axes):
            deviations = (x - mixture.means[component]) / np.sqrt(mixture.covariances[component])
            along = product(deviations.astype(np.float64), axes.T.astype(np.float64)) / self.clip
            lengths = np.sqrt((along**2).sum(axis=1))
            along /= np.maximum(lengths, 1.0)[:, None]
            np.add.at(sums[:, 1:], component, of_sum * along)  # one window after the other
        return sums
