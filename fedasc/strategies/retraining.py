"""Retraining: what summaries tell is sampled, labelled and taught to C1 (section 3.2)."""

import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Any, Literal

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.summary import Summary
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.fleet import N_TOGETHER, Job, train_fleet
from fedasc.models.samples import Samples, TrainingSet
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, label_artificial
from fedasc.strategies.drawing import Drawing, drawing
from fedasc.strategies.memory import Memory
from fedasc.strategies.rehearsal import nearest
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult, Tally
from fedasc.strategies.strategy import Strategy
from fedasc.strategies.task import Task
from fedasc.workers import chunks

logger = logging.getLogger(__name__)

_PERSONAL = 2

Rehearsal = Literal["baseline", "comprehensive", "nearest"]
Deviations = Literal["normal", "observed"]
Labels = Literal["hard", "soft"]
Start = Literal["scratch", "rehearsed", "continued"]


@dataclass(frozen=True, kw_only=True)
class Retraining(Strategy):
    """Sample, label, retrain; the defaults were chosen on real recordings (see README).

    What is sampled may be a mixture, or features themselves, of which each is taken at most once.

    Args:
        rehearsal: The labelled set that artificial samples are added to for retraining: baseline
            (paper), comprehensive, or nearest, which is the comprehensive set with more weight on
            what is like the user's mixture.
        tempering: Of the weights of nearest, from 0 to 1; see `nearest`.
        deviations: How artificial samples deviate from the means of the mixture's components:
            normal, independently in every feature (paper), or observed, as the server's own
            samples deviate that are alike. Full covariances tell it themselves.
        labels: What the teacher gives artificial samples: hard, the most likely scene (paper), or
            soft, the probabilities of all scenes (Hinton, Vinyals and Dean 2015).
        certainty: Probability that the teacher must give a scene for a sample to be kept.
        balanced: Whether the kept samples of every scene together weigh the same in the loss.
        amount: Artificial samples, relative to the size of the baseline set; 1 in the paper.
        artificial_weight: Of an artificial sample in the loss, relative to a rehearsed one.
        max_draws: Samples are drawn until enough are kept, but at most this many times as many.
        start: What retraining starts from: scratch (paper), the classifier that was trained on the
            rehearsed set, or continued, which is the one that the device was sent last.
        n_epochs: Passes over the samples; 250 in the paper.
        n_restarts: Retrainings, of which the one that is best on the validation samples counts.
        memory: Share of earlier nights in what is known of a user, see `Memory.told`; with 0 a
            night forgets all before it.
    """

    rehearsal: Rehearsal = "comprehensive"
    tempering: float = 0.5
    deviations: Deviations = "observed"
    labels: Labels = "soft"
    certainty: float = 0.0
    balanced: bool = False
    amount: float = 4.0
    artificial_weight: float = 2.0
    max_draws: int = 20
    start: Start = "rehearsed"
    n_epochs: int = 100
    n_restarts: int = 1
    memory: float = 0.0

    def __post_init__(self) -> None:
        section = self.name
        check_choices(self, section=section)
        if min(self.max_draws, self.n_epochs, self.n_restarts) < 1:
            raise SettingsError(f"{section}: max_draws, n_epochs and n_restarts must be at least 1")
        if not 0 <= self.certainty < 1:
            raise SettingsError(f"{section}: certainty must be in [0, 1), got {self.certainty}")
        if not 0 <= self.tempering <= 1:
            raise SettingsError(f"{section}: tempering must be in [0, 1], got {self.tempering}")
        if not 0 <= self.memory < 1:
            raise SettingsError(f"{section}: memory must be in [0, 1), got {self.memory}")
        if not (0 < self.amount < inf and 0 < self.artificial_weight < inf):
            raise SettingsError(f"{section}: amount and artificial_weight must be positive")

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        # Features have no weights, so they can't fade.
        return (Mixture, SceneMixture) if self.memory else (Mixture, SceneMixture, Features)

    @abstractmethod
    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> Sequence[Task]:
        """Which classifiers to make.

        Args:
            memory: What is known of the users, tonight's summaries included.
        """

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        known = self.remember(memory, summaries)
        tasks = self.tasks(server, summaries, known, context)
        # An accelerator takes as long for one as for a block.
        size = {} if server.torch_device == "cpu" else {"least": N_TOGETHER, "most": N_TOGETHER}
        parts = chunks(range(len(tasks)), context.workers, **size)
        items = [[tasks[number] for number in part] for part in parts]
        work = partial(self._make, streams=context.streams, night=context.night)
        personal: dict[int, Personal] = {}
        for some, made in zip(items, context.workers.map(work, server, items), strict=True):
            for task, its in zip(some, made, strict=True):
                personal |= dict.fromkeys(task.devices, its)
                _warn_of(task, its)
            context.progress("personalising classifiers", len(personal), len(summaries))
        classifiers = {device: its.classifier for device, its in personal.items()}
        kept = known.sent(classifiers) if self.start == "continued" else known
        return RoundResult(dict(sorted(personal.items())), kept if self._remembers else None)

    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Memory:
        return (memory or Memory()).told(late, retention=self.memory)

    @property
    def _remembers(self) -> bool:
        return self.memory > 0 or self.start == "continued"

    def _make(
        self, server: Server, tasks: Sequence[Task], *, streams: Streams, night: int
    ) -> list[Personal]:
        """A chunk of tasks: their samples are labelled in one pass, their classifiers trained.

        The paper wants as many artificial samples as the baseline set has, for training and for
        validation (section 4.3).
        """
        server = server.on_device()
        n_wanted = max(2, round(self.amount * len(server.baseline_set)))
        rngs = [streams.generator(Purpose.SAMPLING, night, task.devices[0]) for task in tasks]
        artificial = [
            replace(its, samples=_balanced(its.samples)) if self.balanced else its
            for its in self.labelled(server, tasks, n_wanted, rngs=rngs)
        ]
        jobs = {
            number: self._job(
                server,
                artificial[number].samples,
                # Where there are too few of them, they weigh as much together as enough would.
                weight=self.artificial_weight * n_wanted / artificial[number].n_wanted,
                last=task.last,
                seed=streams.sequence(Purpose.EMBEDDED_TRAINING, _PERSONAL, night, task.devices[0]),
            )
            for number, task in enumerate(tasks)
            if len(artificial[number].samples)
        }
        settings = replace(server.embedded, n_epochs=self.n_epochs, n_restarts=self.n_restarts)
        trained = train_fleet(settings, list(jobs.values()), device=server.torch_device)
        classifiers = dict(zip(jobs, trained, strict=True))
        # Without a single sample that the teacher is certain of, the baseline classifier stays.
        return [
            Personal(
                classifiers.get(number, task.last or server.baseline),
                Tally(its.n_drawn, _by_scene(its), its.n_wanted),
            )
            for number, (task, its) in enumerate(zip(tasks, artificial, strict=True))
        ]

    def labelled(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        """Samples of each task that the teacher is certain of; see `label_artificial`."""
        return label_artificial(
            server.teacher,
            [
                self.draws(server, task.content, rng=rng)
                for task, rng in zip(tasks, rngs, strict=True)
            ],
            n_wanted=n_wanted,
            certainty=self.certainty,
            soft=self.labels == "soft",
            max_draws=self.max_draws,
        )

    def draws(self, server: Server, content: Content, *, rng: np.random.Generator) -> Drawing:
        """Sequences as a summary tells them, not yet labelled."""
        deviations = server.deviations if self.deviations == "observed" else None
        return drawing(content, deviations, rng=rng)

    def _job(
        self,
        server: Server,
        artificial: Samples,
        *,
        weight: float,
        last: EmbeddedClassifier | None,
        seed: np.random.SeedSequence,
    ) -> Job:
        """What a classifier is trained on, and from where on."""
        baseline = server.baseline_set
        known, shipped = (
            (baseline, server.baseline)
            if self.rehearsal == "baseline"
            else (server.comprehensive_set, server.comprehensive)
        )
        n_training = round(len(artificial) * len(baseline.training) / len(baseline))
        own = TrainingSet(artificial[:n_training].weighted(weight), artificial[n_training:])
        if self.rehearsal == "nearest":
            near = nearest(known.training, own.training, tempering=self.tempering)
            known = replace(known, training=near)
        start = {"scratch": None, "rehearsed": shipped, "continued": last or shipped}[self.start]
        return Job(known + own, seed, start)


def _warn_of(task: Task, its: Personal) -> None:
    tally = its.tally
    if tally and tally.n_kept < tally.n_wanted:
        logger.warning(
            "device %d: the teacher was certain of %d of %d samples where %d were wanted; going on "
            "with those",
            task.devices[0], tally.n_kept, tally.n_drawn, tally.n_wanted,
        )  # fmt: skip


def _by_scene(artificial: Artificial) -> tuple[int, ...]:
    return tuple(np.bincount(artificial.samples.scene, minlength=N_SCENES).tolist())


def _balanced(samples: Samples) -> Samples:
    """The same samples, of which those of every scene that occurs together weigh the same."""
    counts = np.bincount(samples.scene, minlength=N_SCENES)
    n_scenes = max(int(np.count_nonzero(counts)), 1)
    return samples.weighted(len(samples) / n_scenes / counts[samples.scene])
