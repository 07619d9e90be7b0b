"""The floor: a device that keeps its day to itself."""

from dataclasses import dataclass
from typing import ClassVar

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.content import Content
from fedasc.aggregators.public import Public
from fedasc.models.embedded import EmbeddedClassifier


@dataclass(frozen=True, eq=False)
class Nothing(Content):
    """No arrays at all."""

    kind: ClassVar[str] = "nothing"


@dataclass(frozen=True, kw_only=True)
class NothingAggregator(Aggregator):
    """Sends nothing, to tell what sending is good for."""

    kind = Nothing

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Nothing:
        return Nothing()

    def budget(self, n_windows: int) -> Budget:
        """Nothing is kept, done or sent."""
        return Budget(n_bytes=0, memory_bytes=0, n_macs=0)
