"""The smallest summary: the mean and the variance of a day."""

from dataclasses import dataclass

import numpy as np

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.draft import Draft, mixture_draft
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.running import RunningGaussians
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier


@dataclass(frozen=True, kw_only=True)
class MomentsAggregator(Aggregator):
    """One Gaussian, which needs no window for longer than it takes to add it.

    Args:
        variance_floor_db2: Added to every variance (see `GmmAggregator`).
    """

    kind = Mixture

    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        check_finite(self, section="moments")
        if self.variance_floor_db2 <= 0:
            raise SettingsError("moments: variance_floor_db2 must be positive")

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        day, whole = RunningGaussians.empty(1, N_INPUTS), np.ones(1)
        for x in stream:
            day = day.added(x, whole)
        variances = day.scatters / day.weights[0] + self.variance_floor_db2
        return mixture_draft(whole, day.means, variances, n_effective=day.weights)

    def budget(self, n_windows: int) -> Budget:
        """A window stands beside 91 numbers, and each feature is added to a mean and a scatter."""
        size = 1 + 2 * N_INPUTS
        return Budget(
            n_bytes=4 * size,
            memory_bytes=4 * (size + N_INPUTS),
            n_macs=n_windows * 2 * N_INPUTS,
            n_rounded=3,
            n_components=1,
        )
