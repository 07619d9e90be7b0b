"""The ceiling: what was heard itself, with its true scenes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.samples import Samples
from fedasc.server import Server
from fedasc.strategies.memory import Memory
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.task import Task
from fedasc.strategies.untaught import UntaughtStrategy


@dataclass(frozen=True, kw_only=True)
class OracleStrategy(UntaughtStrategy):
    """As personalised, but with the scenes that were really heard in place of the teacher's.

    No server knows them. It shows how far one gets with this classifier and this day, whatever
    summaries and teachers may achieve.
    """

    default_aggregator = "features"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory:
            raise SettingsError(
                f"{self.name}: memory must be 0, since features have no weights that could fade"
            )

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        return tuple(kind for kind in super().accepts if issubclass(kind, Features))

    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> list[Task]:
        if context.truth is None:
            raise ValueError("nobody told the oracle what was heard")
        plain = super().tasks(server, summaries, memory, context)
        return [replace(task, truth=context.truth(task.devices[0])) for task in plain]

    def samples(
        self, server: Server, task: Task, n_wanted: int, *, rng: np.random.Generator
    ) -> Samples:
        assert isinstance(task.content, Features)
        assert task.truth is not None
        heard = Samples(task.content.x, task.truth)
        return heard[rng.permutation(len(heard))[:n_wanted]]
