"""Personal classifiers whose labels come from elsewhere than the teacher."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedasc.models.samples import Samples
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class UntaughtStrategy(PersonalisedStrategy):
    """As personalised without a teacher; so labels, certainty and max_draws are of no account."""

    @abstractmethod
    def samples(
        self, server: Server, task: Task, n_wanted: int, *, rng: np.random.Generator
    ) -> Samples:
        """What a classifier is taught, with labels, at most so many."""

    def labelled(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        found = [
            self.samples(server, task, n_wanted, rng=rng)
            for task, rng in zip(tasks, rngs, strict=True)
        ]
        return [Artificial(its, len(its), len(its)) for its in found]
