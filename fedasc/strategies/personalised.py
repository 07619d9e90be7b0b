"""The paper's strategy: every device gets a classifier trained for its own surroundings."""

from collections.abc import Mapping
from dataclasses import dataclass

from fedasc.aggregators.summary import Summary
from fedasc.server import Server
from fedasc.strategies.memory import Memory
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class PersonalisedStrategy(Retraining):
    """A classifier for each device, from its own summaries alone (section 3.2).

    The paper's settings are in the preset `paper`.
    """

    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> list[Task]:
        return [
            Task((device,), memory.contents[device], memory.classifiers.get(device))
            for device in sorted(summaries)
        ]
