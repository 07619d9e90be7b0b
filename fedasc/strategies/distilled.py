"""The control: what the server makes of its recordings without a word from any device."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.server import Server
from fedasc.strategies.artificial import Correction
from fedasc.strategies.drawing import Drawing
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class DistilledStrategy(Retraining):
    """Everyone gets what personalised makes of the mixture of everything that the server has.

    So it tells what the teacher's labels bring by themselves. It uses no summary, so any will do;
    and how users are grouped is of no account.
    """

    accepts = (Content,)
    default_aggregator = "nothing"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.labels not in ("teacher", "random"):
            raise SettingsError(
                f"{self.name}: labels must be teacher or random, since what the server has heard "
                f"comes from no device, got {self.labels!r}"
            )
        if self.shares == "told":
            raise SettingsError(f"{self.name}: shares must be none or mixture, got 'told'")
        if self.memory:
            raise SettingsError(
                f"{self.name}: memory must be 0, since the server knows the same every night"
            )

    @property
    def serves_alone(self) -> bool:
        """Unless it goes on from what it made of everything before."""
        return not self.remembers

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        """Make one classifier, with the draws of a device that there isn't: the one after all."""
        nobody = context.n_devices
        everything = Summary.of(server.everything, len(server.comprehensive_set.training))
        result = super().serve(server, {nobody: everything}, memory, context)
        return RoundResult(dict.fromkeys(sorted(summaries), result.personal[nobody]), result.memory)

    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        """The memory as it was; what comes too late would not have been used in time either."""
        return memory

    def draws(self, server: Server, content: Content, *, rng: np.random.Generator) -> Drawing:
        """Sequences of everything, whatever a device may have sent."""
        return super().draws(server, server.everything, rng=rng)

    def correction(self, server: Server, task: Task) -> Correction | None:
        """Of samples of everything, likewise."""
        return super().correction(server, replace(task, content=server.everything))
