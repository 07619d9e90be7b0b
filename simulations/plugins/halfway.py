"""A strategy of one's own: go only part of the way from what fits all to what fits one.

fedasc run --strategy simulations/plugins/halfway.py:Halfway
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fedasc.aggregators.summary import Summary
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.server import Server
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult


@dataclass(frozen=True, kw_only=True)
class Halfway(PersonalisedStrategy):
    """The weights between those of the comprehensive classifier and the personal ones."""

    share: float = 0.5

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        served = super().serve(server, summaries, memory, context)
        personal = {
            device: replace(its, classifier=self._between(server.comprehensive, its.classifier))
            for device, its in served.personal.items()
        }
        return replace(served, personal=personal)

    def _between(self, general: EmbeddedClassifier, own: EmbeddedClassifier) -> EmbeddedClassifier:
        shares = own.arrays()
        between: dict[str, Any] = {
            n: a + self.share * (shares[n] - a) for n, a in general.arrays().items()
        }
        return replace(general, **between)
