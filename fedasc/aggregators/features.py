"""The ceiling: all that was heard, which no device should send."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.content import Claims, Content
from fedasc.aggregators.public import Public
from fedasc.errors import MessageError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier
from fedasc.values import lock_arrays


@dataclass(frozen=True, eq=False)
class Features(Content):
    """Sequences as they were heard.

    Args:
        x: (n_windows, 45) in dB.

    Raises:
        MessageError: If that is no such array of finite numbers in float32.
    """

    kind: ClassVar[str] = "features"

    x: NDArray[np.float32]

    def __post_init__(self) -> None:
        good = self.x.ndim == 2 and self.x.shape[1] == N_INPUTS and len(self.x) > 0
        if not good or self.x.dtype != np.float32:
            raise MessageError(
                f"features: expected (n_windows, {N_INPUTS}) in float32, got {self.x.shape} in "
                f"{self.x.dtype}"
            )
        if not np.isfinite(self.x).all():
            raise MessageError("features: expected finite numbers")
        lock_arrays(self)

    def claims(self) -> Claims:
        """All windows, where they were."""
        return Claims(points=self.x, n_windows=len(self.x))


@dataclass(frozen=True, kw_only=True)
class FeaturesAggregator(Aggregator):
    """Sends every window, to tell what a summary loses."""

    kind = Features
    sends_raw = True

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Features:
        return Features(whole(stream))

    def budget(self, n_windows: int) -> Budget:
        """The day, kept and sent."""
        n_bytes = 4 * n_windows * N_INPUTS
        return Budget(n_bytes=n_bytes, memory_bytes=n_bytes, n_macs=0, n_rounded=1)
