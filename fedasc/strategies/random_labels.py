"""The floor: labels that know nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedasc.models.samples import Samples
from fedasc.scenes import N_SCENES
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class RandomLabelsStrategy(PersonalisedStrategy):
    """As personalised, but each sample's scene is drawn by lot in place of the teacher's."""

    def labelled(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        found = []
        for task, rng in zip(tasks, rngs, strict=True):
            x = self.draws(server, task.content, rng=rng)(n_wanted)
            found.append(
                Artificial(Samples(x, rng.integers(N_SCENES, size=len(x))), len(x), len(x))
            )
        return found
