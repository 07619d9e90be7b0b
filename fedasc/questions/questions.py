"""Questions about a day that a device summarised, and the answers. Never imports torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays

MOST = 100
"""Questions about a day, in all: nobody answers more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Questions:
    """How many moments of each component of her mixture a user shall name the scene of.

    Args:
        night: Number of the night that the day was before.
        mixture: What the device sent of that day.
        counts: (n_components,) uint8 moments of each.

    Raises:
        MessageError: If the counts don't belong to the mixture, or there are none or too many.
    """

    night: int
    mixture: Mixture
    counts: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n_components = self.mixture.n_components
        if self.counts.shape != (n_components,) or self.counts.dtype != np.uint8:
            raise MessageError(
                f"questions: expected counts of {n_components} components in uint8, got "
                f"{self.counts.shape} in {self.counts.dtype}"
            )
        if not 1 <= self.n_moments <= MOST:
            raise MessageError(f"questions: expected 1 to {MOST}, got {self.n_moments}")
        lock_arrays(self)

    @property
    def n_moments(self) -> int:
        """How many moments they are about, in all."""
        return int(self.counts.sum())

    @property
    def n_bytes(self) -> int:
        """Size of the numbers on the wire: a device knows what it sent."""
        return self.counts.nbytes


@dataclass(frozen=True, eq=False)
class Answers:
    """What a user said: how often each scene, by component.

    Args:
        counts: (n_asked, 4) uint8, a row for each component that was asked about.

    Raises:
        MessageError: If they are no such counts.
    """

    counts: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or self.counts.shape[1] != N_SCENES:
            raise MessageError(
                f"answers: expected (n_asked, {N_SCENES}) counts, got {self.counts.shape}"
            )
        if self.counts.dtype != np.uint8:
            raise MessageError(f"answers: expected uint8, got {self.counts.dtype}")
        lock_arrays(self)

    @property
    def n_answers(self) -> int:
        """How many moments the user could say the scene of."""
        return int(self.counts.sum())

    @property
    def n_bytes(self) -> int:
        """Size of the numbers on the wire."""
        return self.counts.nbytes

    def check(self, questions: Questions) -> None:
        """Hold that they answer what was asked, and no more.

        Raises:
            MessageError: If they don't.
        """
        asked = questions.counts[questions.counts > 0]
        if len(self.counts) != len(asked):
            raise MessageError(
                f"answers: expected those of {len(asked)} components, got {len(self.counts)}"
            )
        if (self.counts.sum(axis=1, dtype=np.int64) > asked).any():
            raise MessageError("answers: more of a component than it was asked about")

    def by_component(self, questions: Questions) -> NDArray[np.float64]:
        """(n_components, 4) how often the user said each scene."""
        counts = np.zeros((len(questions.counts), N_SCENES))
        counts[questions.counts > 0] = self.counts
        return counts
