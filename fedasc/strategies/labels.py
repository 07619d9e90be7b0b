"""Labels: who says of what scene a sample is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.models.embedded import N_INPUTS
from fedasc.models.samples import Samples
from fedasc.scenes import N_SCENES, Scene
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, Correction, label_artificial
from fedasc.strategies.drawing import Drawing
from fedasc.strategies.task import Task

Labels = Literal["teacher", "device", "truth", "random"]


class Draws(Protocol):
    """How sequences are drawn from what is known of devices."""

    def __call__(self, content: Content, *, rng: np.random.Generator) -> Drawing: ...


Corrections = Callable[[Server, Task], Correction | None]
"""What the teacher's probabilities of a task's samples are corrected by."""


class Labeller(ABC):
    """Who says of what scene a sample is."""

    accepts: ClassVar[tuple[type[Content], ...]] = (Mixture, SceneMixture, Features)
    """Kinds of summaries that samples may come from."""

    default_aggregator: ClassVar[str] = "gmm"
    """Name of the aggregator whose summaries it usually labels."""

    @abstractmethod
    def label(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        draws: Draws,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        """For each task as many labelled samples as are wanted, if there are so many.

        Args:
            draws: How samples are drawn that have no label yet.
            rngs: One for each task.
        """


@dataclass(frozen=True)
class TeacherLabeller(Labeller):
    """The teacher, of samples that it is certain of; see `label_artificial`.

    Where its student labels, the teacher itself says what is certain enough and what isn't.
    """

    certainty: float
    soft: bool
    max_draws: int
    correction: Corrections

    def label(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        draws: Draws,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        annotator = server.annotator
        return label_artificial(
            annotator,
            [draws(task.content, rng=rng) for task, rng in zip(tasks, rngs, strict=True)],
            n_wanted=n_wanted,
            certainty=self.certainty,
            soft=self.soft,
            max_draws=self.max_draws,
            corrections=[self.correction(server, task) for task in tasks],
            arbiter=server.teacher if self.certainty and annotator is server.student else None,
        )


class _ByTask(Labeller):
    """Somebody else, of the samples of one task after the other; all of them are kept."""

    def label(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        draws: Draws,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        labelled = [
            self._samples(task, n_wanted, draws=draws, rng=rng)
            for task, rng in zip(tasks, rngs, strict=True)
        ]
        return [Artificial(samples, len(samples), len(samples)) for samples in labelled]

    @abstractmethod
    def _samples(
        self, task: Task, n_wanted: int, *, draws: Draws, rng: np.random.Generator
    ) -> Samples:
        """Those of one task, at most so many."""


class DeviceLabeller(_ByTask):
    """The devices: a sample is of the scene whose mixture it was drawn from."""

    accepts = (SceneMixture,)
    default_aggregator = "scene-gaussians"

    def _samples(
        self, task: Task, n_wanted: int, *, draws: Draws, rng: np.random.Generator
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
                x = draws(mixture, rng=rng)(count)
                samples += Samples(x, np.full(count, int(scene), np.int64))
        return samples[rng.permutation(n_wanted)]


class TrueLabeller(_ByTask):
    """The truth, of what was heard itself."""

    accepts = (Features,)
    default_aggregator = "features"

    def _samples(
        self, task: Task, n_wanted: int, *, draws: Draws, rng: np.random.Generator
    ) -> Samples:
        """Each window once at most, in random order."""
        assert isinstance(task.content, Features)
        assert task.truth is not None
        heard = Samples(task.content.x, task.truth)
        return heard[rng.permutation(len(heard))[:n_wanted]]


class RandomLabeller(_ByTask):
    """Nobody: scenes are drawn by lot."""

    def _samples(
        self, task: Task, n_wanted: int, *, draws: Draws, rng: np.random.Generator
    ) -> Samples:
        x = draws(task.content, rng=rng)(n_wanted)
        return Samples(x, rng.integers(N_SCENES, size=len(x)))


_OTHERS: Mapping[Labels, Labeller] = {
    "device": DeviceLabeller(),
    "truth": TrueLabeller(),
    "random": RandomLabeller(),
}


def labeller_of(
    labels: Labels, *, certainty: float, soft: bool, max_draws: int, correction: Corrections
) -> Labeller:
    """Who gives such labels. The settings are the teacher's; see `label_artificial`."""
    if labels == "teacher":
        return TeacherLabeller(certainty, soft, max_draws, correction)
    return _OTHERS[labels]
