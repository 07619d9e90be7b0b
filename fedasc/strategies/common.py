"""One classifier for all: the usual federated learning, with summaries in place of weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedasc.aggregators.summary import Summary
from fedasc.server import Server
from fedasc.strategies.memory import Memory
from fedasc.strategies.pooling import pooled
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class GlobalStrategy(Retraining):
    """All summaries pooled, by how many windows they stand for, and one classifier for everyone."""

    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> list[Task]:
        return [task_of(sorted(summaries), summaries, memory)]


def task_of(devices: Sequence[int], summaries: Mapping[int, Summary], memory: Memory) -> Task:
    """One classifier for several devices."""
    return Task(
        tuple(devices),
        pooled(
            [memory.contents[device] for device in devices],
            [summaries[device].n_windows for device in devices],
        ),
        memory.classifiers.get(devices[0]),
    )
