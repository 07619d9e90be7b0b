"""The floor: labels that know nothing."""

from dataclasses import dataclass

import numpy as np

from fedasc.models.samples import Samples
from fedasc.scenes import N_SCENES
from fedasc.server import Server
from fedasc.strategies.task import Task
from fedasc.strategies.untaught import UntaughtStrategy


@dataclass(frozen=True, kw_only=True)
class RandomLabelsStrategy(UntaughtStrategy):
    """As personalised, but each sample's scene is drawn by lot in place of the teacher's."""

    def samples(
        self, server: Server, task: Task, n_wanted: int, *, rng: np.random.Generator
    ) -> Samples:
        x = self.draws(server, task.content, rng=rng)(n_wanted)
        return Samples(x, rng.integers(N_SCENES, size=len(x)))
