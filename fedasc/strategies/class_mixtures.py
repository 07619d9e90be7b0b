"""Samples of each scene's own mixture, with the scene that the device took them for as label."""

from dataclasses import dataclass

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.models.embedded import N_INPUTS
from fedasc.models.samples import Samples
from fedasc.scenes import Scene
from fedasc.server import Server
from fedasc.strategies.task import Task
from fedasc.strategies.untaught import UntaughtStrategy


@dataclass(frozen=True, kw_only=True)
class ClassMixturesStrategy(UntaughtStrategy):
    """As personalised, but the label of a sample is the scene whose mixture it was drawn from.

    So no teacher is asked, as in FedPFT (Beitollahi et al. 2024), where devices know the true
    classes; here they only have what their own classifiers predict.
    """

    default_aggregator = "scene-gaussians"

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        return (SceneMixture,)

    def samples(
        self, server: Server, task: Task, n_wanted: int, *, rng: np.random.Generator
    ) -> Samples:
        """In random order, of each scene as many as its share."""
        content = task.content
        assert isinstance(content, SceneMixture)
        shares = content.shares().astype(np.float64)
        counts = rng.multinomial(n_wanted, shares / shares.sum())
        samples = Samples.none(N_INPUTS)
        for scene, count in zip(Scene, counts, strict=True):
            mixture = content.of_scene(scene)
            if mixture is not None:
                x = self.draws(server, mixture, rng=rng)(count)
                samples += Samples(x, np.full(count, int(scene), np.int64))
        return samples[rng.permutation(n_wanted)]
