"""A classifier for each group of users whose surroundings are alike."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from fedasc.aggregators.content import Content
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.strategies.common import task_of
from fedasc.strategies.drawing import mixture_of
from fedasc.strategies.memory import Memory
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.sketch import sketches
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class ClusteredStrategy(Retraining):
    """Users grouped by the distance between their mixtures; a group's are pooled.

    The distance is the maximum mean discrepancy, see `sketches`; groups are joined so that their
    variance grows least (Ward 1963).

    Args:
        n_clusters: Groups; fewer when fewer devices sent a summary.
    """

    n_clusters: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n_clusters < 1:
            raise SettingsError(f"{self.name}: n_clusters must be at least 1")

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        return (Mixture, SceneMixture)

    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> list[Task]:
        devices = sorted(summaries)
        if len(devices) <= self.n_clusters:
            return [task_of([device], summaries, memory) for device in devices]
        found = AgglomerativeClustering(self.n_clusters).fit_predict(
            sketches(
                [mixture_of(memory.contents[device]) for device in devices],
                scale=server.scale,
                rng=context.streams.generator(Purpose.SKETCH),
            )
        )
        groups = [np.array(devices)[found == number].tolist() for number in range(self.n_clusters)]
        return [task_of(group, summaries, memory) for group in sorted(groups)]
