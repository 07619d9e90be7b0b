"""An aggregator of one's own: a Gaussian that forgets the morning by the evening.

fedasc run --aggregator simulations/plugins/fading.py:FadingGaussian
"""

from dataclasses import dataclass

import numpy as np

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier


@dataclass(frozen=True, kw_only=True)
class FadingGaussian(Aggregator):
    """Mean and variance in which a window counts half when so many others have come after it."""

    half_life: float = 200.0

    kind = Mixture

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        mean, square, weight = np.zeros(N_INPUTS), np.zeros(N_INPUTS), 0.0
        keep = 0.5 ** (1 / self.half_life)
        for x in stream:
            weight = keep * weight + 1  # of all; the last window, which has the most, has 1
            mean += (x - mean) / weight
            square += (x**2.0 - square) / weight
        parts = (np.ones(1), mean[None], np.maximum(square - mean**2, 0.01)[None])
        mixture = Mixture(*(part.astype(np.float32) for part in parts))
        return Draft(mixture, n_effective=np.array([weight]))

    def budget(self, n_windows: int) -> Budget:
        size, n_macs = 4 * (1 + 2 * N_INPUTS), 3 * N_INPUTS * n_windows
        return Budget(n_bytes=size, memory_bytes=size, n_macs=n_macs, n_rounded=3)
