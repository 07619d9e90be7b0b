"""What a server publishes of its own recordings, so that devices can tell theirs beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.values import lock_arrays


@dataclass(frozen=True, eq=False)
class Public:
    """The same for every device, and made without a word from any.

    Args:
        mixture: Of all that the server has; diagonal.
        axes: (n_axes, 45) orthonormal directions, in standard deviations of a component, along
            which samples deviate most from the component that they belong to, the first one most.
    """

    mixture: Mixture
    axes: NDArray[np.float32]

    def __post_init__(self) -> None:
        lock_arrays(self)
