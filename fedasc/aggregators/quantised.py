"""Any aggregator's summary in fewer bits."""

from dataclasses import dataclass, field, replace

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.content import Content
from fedasc.aggregators.encoding import Encoding
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.quantisation import EightBits, HalfPrecision
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier

_ENCODINGS: dict[int, Encoding] = {16: HalfPrecision(), 8: EightBits()}
_RANGE_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class QuantisedAggregator(Aggregator):
    """What another aggregator says, rounded.

    Args:
        aggregator: The other.
        bits: Of each number: 16, as a float16, or 8, as a level between the ends of its array.
    """

    aggregator: Aggregator = field(default_factory=GmmAggregator)
    bits: int = 8

    def __post_init__(self) -> None:
        if self.bits not in _ENCODINGS:
            raise SettingsError(f"quantised: bits must be 8 or 16, got {self.bits}")
        if isinstance(self.aggregator, QuantisedAggregator):
            raise SettingsError("quantised: what is quantised already can't be once more")

    @property
    def kind(self) -> type[Content]:
        return self.aggregator.kind

    # Attributes of the other aggregators, and never written to.
    @property
    def is_private(self) -> bool:  # type: ignore[override]
        return self.aggregator.is_private

    @property
    def encoding(self) -> Encoding:  # type: ignore[override]
        return _ENCODINGS[self.bits]

    def summarise(self, stream: Stream, *, classifier: EmbeddedClassifier, seed: int) -> Content:
        return self.aggregator.summarise(stream, classifier=classifier, seed=seed)

    def budget(self, n_windows: int) -> Budget:
        """The other's; of its bytes, a half or a quarter with both ends of every array."""
        plain = self.aggregator.budget(n_windows)
        n_numbers = (plain.n_bytes - plain.n_exact_bytes) // 4
        n_ranges = plain.n_rounded if self.bits == 8 else 0
        n_bytes = n_numbers * self.bits // 8 + n_ranges * _RANGE_BYTES + plain.n_exact_bytes
        return replace(plain, n_bytes=n_bytes)
