"""Samples of each scene's own mixture, with the scene that the device took them for as label."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.models.embedded import N_INPUTS
from fedasc.models.samples import Samples
from fedasc.scenes import Scene
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.task import Task


@dataclass(frozen=True, kw_only=True)
class ClassMixturesStrategy(PersonalisedStrategy):
    """As personalised, but the label of a sample is the scene whose mixture it was drawn from.

    So no teacher is asked, as in FedPFT (Beitollahi et al. 2024), where devices know the true
    classes; here they only have what their own classifiers predict.
    """

    usual_aggregator = "scene-gaussians"

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        return (SceneMixture,)

    def labelled(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        return [
            Artificial(self._of_scenes(server, task.content, n_wanted, rng=rng), n_wanted, n_wanted)
            for task, rng in zip(tasks, rngs, strict=True)
        ]

    def _of_scenes(
        self, server: Server, content: Content, n_samples: int, *, rng: np.random.Generator
    ) -> Samples:
        """Samples in random order, of each scene as many as its share."""
        if not isinstance(content, SceneMixture):
            raise TypeError(f"{content.kind} doesn't tell scenes apart")
        shares = content.shares().astype(np.float64)
        counts = rng.multinomial(n_samples, shares / shares.sum())
        samples = Samples.none(N_INPUTS)
        for scene, count in zip(Scene, counts, strict=True):
            mixture = content.of_scene(scene)
            if mixture is not None:
                x = self.draws(server, mixture, rng=rng)(count)
                samples += Samples(x, np.full(count, int(scene), np.int64))
        return samples[rng.permutation(n_samples)]
