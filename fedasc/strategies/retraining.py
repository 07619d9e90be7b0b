"""Retraining: what summaries tell is sampled, labelled and taught to C1 (section 3.2)."""

import logging
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
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.fleet import N_TOGETHER
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, Correction
from fedasc.strategies.consensus import Consensus
from fedasc.strategies.drawing import Drawing, drawing, mixture_of
from fedasc.strategies.groups import Groups, grouped
from fedasc.strategies.labels import Labeller, Labels, labeller_of
from fedasc.strategies.memory import Memory
from fedasc.strategies.plausible import plausible
from fedasc.strategies.pooling import opened
from fedasc.strategies.robust import MOST_WINDOWS
from fedasc.strategies.round_context import RoundContext, Truth
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.task import Task
from fedasc.strategies.teaching import Teaching
from fedasc.workers import chunks

logger = logging.getLogger(__name__)

Deviations = Literal["normal", "observed"]
Targets = Literal["hard", "soft"]
Pooling = Literal["none", "plausible"]


@dataclass(frozen=True, kw_only=True)
class Retraining(Teaching):
    """Group, sample, label, retrain; docs/results.md says on what the defaults were chosen.

    What is sampled may be a mixture, or features themselves, of which each is taken at most once.

    Args:
        groups: Who shares a classifier: each device has one by itself (paper), all share one, or
            clusters of devices whose summaries are alike do; a group's summaries are pooled.
        n_clusters: Clusters; fewer when fewer devices sent a summary.
        labels: Who says of what scene a sample is: the teacher (paper); the device, which sent a
            mixture of each scene; the truth, which no server knows; or nobody, at random. What
            only the teacher can do (targets, certainty, max_draws) is of no account to others.
        targets: What the teacher gives artificial samples: hard, the most likely scene (paper), or
            soft, the probabilities of all scenes (Hinton, Vinyals and Dean 2015).
        certainty: Probability that the teacher must give a scene for a sample to be kept.
        consensus: How much the teacher's labels of samples that lie together are bound to one
            another, see `Consensus`; 0 for each by itself (paper).
        max_draws: Samples are drawn until enough are kept, but at most this many times as many.
        deviations: How artificial samples deviate from the means of the mixture's components:
            normal, independently in every feature (paper), or observed, as the server's own
            samples deviate that are alike. Full covariances tell it themselves.
        memory: Share of earlier nights in what is known of a user, see `Memory.told`; with 0 a
            night forgets all before it.
        robust: What groups of devices are defended by, of which some may mean harm: none, or
            plausible, by which only what lies near something that the server knows is pooled (see
            `plausible`), and nobody counts for more than twice the median. Of whose summary most
            doesn't, she gets a classifier by herself. Who is by herself anyway harms nobody. Of no
            account where only the sum of what devices send is read.
        tolerance: How near that is, in squared distances of the server's own furthest sample.

    Raises:
        SettingsError: If a value can't be used, or doesn't go with another.
    """

    groups: Groups = "each"
    n_clusters: int = 4
    labels: Labels = "teacher"
    targets: Targets = "soft"
    certainty: float = 0.0
    consensus: float = 1.0
    max_draws: int = 20
    deviations: Deviations = "observed"
    memory: float = 0.0
    robust: Pooling = "plausible"
    tolerance: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        section = self.name
        if min(self.n_clusters, self.max_draws) < 1:
            raise SettingsError(f"{section}: n_clusters and max_draws must be at least 1")
        if not 0 <= self.certainty < 1:
            raise SettingsError(f"{section}: certainty must be in [0, 1), got {self.certainty}")
        if not 0 <= self.consensus <= 10:
            raise SettingsError(f"{section}: consensus must be in [0, 10], got {self.consensus}")
        if not 0 <= self.memory < 1:
            raise SettingsError(f"{section}: memory must be in [0, 1), got {self.memory}")
        if not 0 < self.tolerance < inf:
            raise SettingsError(f"{section}: tolerance must be positive, got {self.tolerance}")
        if not self.accepts:
            raise SettingsError(
                f"{section}: memory must be 0 where labels are the truth, since features have no "
                "weights that could fade"
            )

    @property
    def accepts(self) -> tuple[type[Content], ...]:
        """What can be labelled so; but features have no weights, so they can't fade.

        Shares of a sum are read where all are pooled, and without memory, which is of single ones.
        """
        kinds = self._labeller.accepts
        if self.memory:
            return tuple(kind for kind in kinds if kind is not Features)
        reads_sums = self.groups == "all" and Mixture in kinds
        return (*kinds, SumShare) if reads_sums else kinds

    @property
    def default_aggregator(self) -> str:
        return self._labeller.default_aggregator

    @property
    def serves_alone(self) -> bool:
        return self.groups == "each"

    @property
    def _labeller(self) -> Labeller:
        return labeller_of(
            self.labels,
            certainty=self.certainty,
            soft=self.targets == "soft",
            max_draws=self.max_draws,
            correction=self.correction,
        )

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        known = self.known(memory, summaries, context)
        tasks = self.tasks(server, summaries, known, context)
        # An accelerator takes as long for one as for a block.
        size = {} if server.torch_device == "cpu" else {"least": N_TOGETHER, "most": N_TOGETHER}
        parts = chunks(range(len(tasks)), context.workers, **size)
        items = [[tasks[number] for number in part] for part in parts]
        work = partial(self._make, streams=context.streams, night=context.night)
        personal: dict[int, Personal] = {}
        for some, made in zip(items, context.workers.map(work, server, items), strict=True):
            for task, one in zip(some, made, strict=True):
                personal |= dict.fromkeys(task.devices, one)
                _warn_of(task, one)
            context.progress("personalising classifiers", len(personal), len(summaries))
        if self.start == "continued":
            known = known.sent({device: one.classifier for device, one in personal.items()})
        return RoundResult(dict(sorted(personal.items())), known if self.remembers else None)

    @property
    def remembers(self) -> bool:
        """Whether a night needs what the nights before it told."""
        return self.memory > 0 or self.start == "continued"

    def known(self, memory: Any, summaries: Mapping[int, Summary], context: RoundContext) -> Memory:
        """What is known of users once tonight's summaries are told."""
        return (memory or Memory()).told(summaries, retention=self.memory)

    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        return (memory or Memory()).told(late, retention=self.memory)

    def tasks(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
    ) -> list[Task]:
        """Which classifiers to make.

        Args:
            memory: What is known of the users, tonight's summaries included.
        """
        is_told = self.labels == "truth" or self.shares == "told"
        truth = context.truth if is_told else None
        if is_told and truth is None:
            raise ValueError(f"nobody told strategy {self.name!r} what was heard")
        contents = {device: memory.contents[device] for device in summaries}
        # Nobody is defended against herself; and only a simulation knows the truth.
        defended = self.robust != "none" and self.groups != "each" and self.labels != "truth"
        if defended and any(isinstance(content, SumShare) for content in contents.values()):
            logger.warning(
                "what devices send is read as a sum, so none of them can be left out of it: "
                "robust = %r is of no account",
                self.robust,
            )
            defended = False
        if not defended:
            return self._grouped(server, summaries, memory, context, truth=truth)
        pool = plausible(contents, server=server, tolerance=self.tolerance)
        alone = sorted(contents.keys() - pool)
        if alone:
            logger.warning(
                "device(s) %s: most of the summary lies far from all that the server knows; served "
                "without the others",
                ", ".join(map(str, alone)),
            )
        pooled = {device: summaries[device] for device in pool}
        known = replace(memory, contents={**memory.contents, **pool})
        tasks = (
            self._grouped(server, pooled, known, context, truth=truth, most=MOST_WINDOWS)
            if pool
            else []
        )
        tasks += [Task.of([device], summaries, memory, truth) for device in alone]
        return sorted(tasks, key=lambda task: task.devices)

    def _grouped(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        memory: Memory,
        context: RoundContext,
        *,
        truth: Truth | None = None,
        most: float = inf,
    ) -> list[Task]:
        groups = grouped(
            {device: memory.contents[device] for device in summaries},
            self.groups,
            n_clusters=self.n_clusters,
            server=server,
            streams=context.streams,
        )
        tasks = [Task.of(devices, summaries, memory, truth, most=most) for devices in groups]
        return [replace(task, content=opened(task.content, server.public)) for task in tasks]

    def labelled(
        self,
        server: Server,
        tasks: Sequence[Task],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        """Samples of each task with labels, at most so many."""
        draws = partial(self.draws, server)
        return self._labeller.label(server, tasks, n_wanted, draws=draws, rngs=rngs)

    def correction(self, server: Server, task: Task) -> Correction | None:
        """What the teacher's probabilities of a task's samples are corrected by, if anything."""
        if not self.consensus or not isinstance(task.content, Mixture | SceneMixture):
            return None
        return Consensus(mixture_of(task.content), self.consensus)

    def draws(self, server: Server, content: Content, *, rng: np.random.Generator) -> Drawing:
        """Sequences as a summary tells them, not yet labelled."""
        deviations = server.deviations if self.deviations == "observed" else None
        return drawing(content, deviations, rng=rng)

    def _make(
        self, server: Server, tasks: Sequence[Task], *, streams: Streams, night: int
    ) -> list[Personal]:
        """A chunk of tasks: their samples are labelled in one pass, their classifiers trained."""
        server = server.on_device()
        rngs = [streams.generator(Purpose.SAMPLING, night, task.devices[0]) for task in tasks]
        artificial = self.labelled(server, tasks, self.n_wanted(server), rngs=rngs)
        classifiers = self.taught(server, tasks, artificial, streams=streams, night=night)
        return [
            self.personal(server, classifier, some)
            for classifier, some in zip(classifiers, artificial, strict=True)
        ]

    def personal(
        self, server: Server, classifier: EmbeddedClassifier, artificial: Artificial
    ) -> Personal:
        """What a device gets of a classifier that was trained on artificial samples."""
        return Personal(classifier, artificial.tally())


def _warn_of(task: Task, made: Personal) -> None:
    tally = made.tally
    if tally and tally.n_kept < tally.n_wanted:
        logger.warning(
            "device %d: the teacher was certain of %d of %d samples where %d were wanted; going on "
            "with those",
            task.devices[0], tally.n_kept, tally.n_drawn, tally.n_wanted,
        )  # fmt: skip
