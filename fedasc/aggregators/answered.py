"""A mixture whose device can ask its user about moments of the day."""

from dataclasses import dataclass, replace

from fedasc.aggregators.aggregator import Budget
from fedasc.aggregators.gmm import GmmAggregator

_TIME_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class AnsweredAggregator(GmmAggregator):
    """As gmm, but the device also remembers when each window was heard.

    So it can say "at a quarter to eleven" when it asks of what scene a moment of a component was
    (see `fedasc.strategies.answered`). The times never leave it.
    """

    def budget(self, n_windows: int) -> Budget:
        """That of gmm, and a time of each window."""
        plain = super().budget(n_windows)
        return replace(plain, memory_bytes=plain.memory_bytes + n_windows * _TIME_BYTES)
