"""Nothing at all: every device keeps the classifier that was shipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult
from fedasc.strategies.strategy import Strategy


@dataclass(frozen=True, kw_only=True)
class NoStrategy(Strategy):
    """The baseline of comparisons. It uses no summary, so any will do."""

    accepts = (Content,)
    default_aggregator = "nothing"
    serves_alone = True

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        return RoundResult({})
