"""Teaching: how C1 learns from labelled artificial samples, wherever they come from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

import numpy as np

from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.fleet import Job, train_fleet
from fedasc.models.passes import Rehearsed
from fedasc.models.samples import TrainingSet
from fedasc.models.training import EmbeddedSettings
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial
from fedasc.strategies.rehearsal import Rehearsal, rehearsed
from fedasc.strategies.shares import ShareAware, counted, shares_in
from fedasc.strategies.task import Task

_PERSONAL = 2

Start = Literal["scratch", "rehearsed", "continued"]


@dataclass(frozen=True, kw_only=True)
class Teaching(ShareAware):
    """The part of a strategy's settings that says how a classifier is trained.

    Args:
        amount: Artificial samples, relative to the size of the baseline set; 1 in the paper.
        artificial_weight: Of an artificial sample in the loss, relative to a rehearsed one.
        balanced: Whether the artificial samples of every scene together weigh the same in the loss.
        rehearsal: The labelled set that artificial samples are added to for retraining: baseline
            (paper), comprehensive, or nearest, which is the comprehensive set with more weight on
            what is like the user's mixture.
        tempering: Of the weights of nearest, from 0 to 1; see `nearest`.
        start: What retraining starts from: scratch (paper), the classifier that was trained on the
            rehearsed set, or continued, which is the one that the device was sent last.
        rehearsed_share: How much of the rehearsed set a pass over the artificial samples takes,
            and the next pass the next part. What its samples weigh doesn't depend on it.
        n_epochs: Passes over the artificial samples; 250 in the paper.
        n_restarts: Retrainings, of which the one that is best on the validation samples counts.
    """

    amount: float = 4.0
    artificial_weight: float = 2.0
    balanced: bool = False
    rehearsal: Rehearsal = "comprehensive"
    tempering: float = 0.5
    start: Start = "rehearsed"
    rehearsed_share: float = 0.5
    n_epochs: int = 10
    n_restarts: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        section = self.name
        if min(self.n_epochs, self.n_restarts) < 1:
            raise SettingsError(f"{section}: n_epochs and n_restarts must be at least 1")
        if not 0 <= self.tempering <= 1:
            raise SettingsError(f"{section}: tempering must be in [0, 1], got {self.tempering}")
        if not 0 < self.rehearsed_share <= 1:
            raise SettingsError(
                f"{section}: rehearsed_share must be in (0, 1], got {self.rehearsed_share}"
            )
        if not (0 < self.amount < inf and 0 < self.artificial_weight < inf):
            raise SettingsError(f"{section}: amount and artificial_weight must be positive")

    def n_wanted(self, server: Server) -> int:
        """Artificial samples of each classifier.

        The paper wants as many as the baseline set has, for training and for validation (section
        4.3). Where nothing is chosen by validation samples, none are drawn.
        """
        known = server.baseline_set
        n_known = len(known) if self.validates(server) else len(known.training)
        return max(2, round(self.amount * n_known))

    def validates(self, server: Server) -> bool:
        """Whether artificial samples are kept back to validate with."""
        return self._training(server).validates

    def _training(self, server: Server) -> EmbeddedSettings:
        return replace(server.embedded, n_epochs=self.n_epochs, n_restarts=self.n_restarts)

    def taught(
        self,
        server: Server,
        tasks: Sequence[Task],
        artificial: Sequence[Artificial],
        *,
        streams: Streams,
        night: int,
    ) -> list[EmbeddedClassifier]:
        """The classifier of each task, trained on its artificial samples beside rehearsed ones."""
        jobs = {
            number: self._job(server, task, some, streams=streams, night=night)
            for number, (task, some) in enumerate(zip(tasks, artificial, strict=True))
            if len(some.samples)
        }
        trained = train_fleet(
            self._training(server), list(jobs.values()), device=server.torch_device
        )
        classifiers = {
            number: self._for_shares(classifier, jobs[number], tasks[number], artificial[number])
            for number, classifier in zip(jobs, trained, strict=True)
        }
        # Without a single sample that the teacher is certain of, the baseline classifier stays.
        return [
            classifiers.get(number, task.last or server.baseline)
            for number, task in enumerate(tasks)
        ]

    def _for_shares(
        self, classifier: EmbeddedClassifier, job: Job, task: Task, artificial: Artificial
    ) -> EmbeddedClassifier:
        """The classifier of a task, for how often its devices meet each scene."""
        if self.shares == "none":
            return classifier
        if self.shares == "told":
            assert task.truth is not None
            shares = counted(task.truth)
        else:
            shares = shares_in(artificial.samples.targets())
        assert job.rehearsed is not None
        learnt = job.rehearsed.samples.targets(), job.samples.training.targets()
        prior = shares_in(np.concatenate(learnt))
        return self.reckoning(classifier, shares, prior=prior)

    def _job(
        self, server: Server, task: Task, artificial: Artificial, *, streams: Streams, night: int
    ) -> Job:
        """What a classifier is trained on, and from where on."""
        samples = self.divided((artificial.balanced() if self.balanced else artificial), server)
        # Where there are too few of them, they weigh as much together as enough would.
        weight = self.artificial_weight * self.n_wanted(server) / artificial.n_wanted
        training = samples.training.weighted(weight)
        known, shipped = rehearsed(server, self.rehearsal, training, tempering=self.tempering)
        start = {"scratch": None, "rehearsed": shipped, "continued": task.last or shipped}
        seed = streams.sequence(Purpose.EMBEDDED_TRAINING, _PERSONAL, night, task.devices[0])
        validation = known.validation + samples.validation
        return Job(
            TrainingSet(training, validation),
            seed,
            start[self.start],
            Rehearsed(known.training, self.rehearsed_share),
        )

    def divided(self, artificial: Artificial, server: Server) -> TrainingSet:
        """Artificial samples for training, and for validation in the baseline set's shares."""
        baseline, samples = server.baseline_set, artificial.samples
        if not self.validates(server):
            return TrainingSet(samples, samples[:0])
        n_training = round(len(samples) * len(baseline.training) / len(baseline))
        return TrainingSet(samples[:n_training], samples[n_training:])
