"""The paper's strategy: every device gets a classifier trained for its own surroundings."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.fleet import N_TOGETHER, Job, train_fleet
from fedasc.models.samples import Samples, TrainingSet
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, label_artificial
from fedasc.strategies.rehearsal import nearest
from fedasc.workers import ALONE, Workers, chunks

logger = logging.getLogger(__name__)

_PERSONAL = 2

Rehearsal = Literal["baseline", "comprehensive", "nearest"]
Deviations = Literal["normal", "observed"]
Labels = Literal["hard", "soft"]
Start = Literal["scratch", "rehearsed"]


@dataclass(frozen=True, eq=False)
class Personal:
    """What a device gets, and how it came about.

    Args:
        classifier: Its own weights.
        n_drawn: Samples drawn from its mixture.
        kept: (4,) of them, those that the teacher was certain of, by its scene; in all at most as
            many as were wanted.
        n_wanted: A of the paper.
    """

    classifier: EmbeddedClassifier
    n_drawn: int
    kept: tuple[int, ...]
    n_wanted: int

    @property
    def n_kept(self) -> int:
        return sum(self.kept)


@dataclass(frozen=True, kw_only=True)
class PersonalisedStrategy:
    """Sample the mixture, label with the teacher, retrain (section 3.2).

    The defaults were chosen on real recordings (see README); the paper's are in the preset `paper`.

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
        start: What retraining starts from: scratch (paper), or the classifier that was trained on
            the rehearsed set.
        n_epochs: Passes over the samples; 250 in the paper.
        n_restarts: Retrainings, of which the one that is best on the validation samples counts.
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

    def __post_init__(self) -> None:
        check_choices(self, section="personalised")
        if min(self.max_draws, self.n_epochs, self.n_restarts) < 1:
            raise SettingsError(
                "personalised: max_draws, n_epochs and n_restarts must be at least 1"
            )
        if not 0 <= self.certainty < 1:
            raise SettingsError(f"personalised: certainty must be in [0, 1), got {self.certainty}")
        if not 0 <= self.tempering <= 1:
            raise SettingsError(f"personalised: tempering must be in [0, 1], got {self.tempering}")
        if not (0 < self.amount < inf and 0 < self.artificial_weight < inf):
            raise SettingsError("personalised: amount and artificial_weight must be positive")

    def personalise(
        self,
        server: Server,
        summaries: Mapping[int, Summary],
        *,
        streams: Streams,
        night: int = 0,
        workers: Workers = ALONE,
        progress: Progress = quiet,
    ) -> dict[int, Personal]:
        """One classifier for each device that sent a summary.

        Args:
            summaries: By device.
            workers: Who samples, labels and trains; changes no result.
        """
        # An accelerator takes as long for one as for a block.
        size = {} if server.torch_device == "cpu" else {"least": N_TOGETHER, "most": N_TOGETHER}
        parts = chunks(sorted(summaries), workers, **size)
        items = [{device: summaries[device].mixture for device in part} for part in parts]
        work = partial(self._serve, streams=streams, night=night)
        personal: dict[int, Personal] = {}
        for made in workers.map(work, server, items):
            personal |= made
            progress("personalising classifiers", len(personal), len(summaries))
        for device, its in personal.items():
            if its.n_kept < its.n_wanted:
                logger.warning(
                    "device %d: the teacher was certain of %d of %d samples where %d were "
                    "wanted; going on with those",
                    device, its.n_kept, its.n_drawn, its.n_wanted,
                )  # fmt: skip
        return personal

    def _serve(
        self, server: Server, mixtures: Mapping[int, Mixture], *, streams: Streams, night: int
    ) -> dict[int, Personal]:
        """A chunk of devices: their samples are labelled in one pass, their classifiers trained.

        The paper wants as many artificial samples as the baseline set has, for training and for
        validation (section 4.3).
        """
        server = server.placed()
        n_wanted = max(2, round(self.amount * len(server.baseline_set)))
        drawn = self.sample(
            server,
            list(mixtures.values()),
            n_wanted,
            rngs=[streams.generator(Purpose.SAMPLING, night, device) for device in mixtures],
        )
        artificial = dict(zip(mixtures, drawn, strict=True))
        jobs = {
            device: self._job(
                server,
                its.samples,
                seed=streams.sequence(Purpose.EMBEDDED_TRAINING, _PERSONAL, night, device),
            )
            for device, its in artificial.items()
            if len(its.samples)
        }
        settings = replace(server.embedded, n_epochs=self.n_epochs, n_restarts=self.n_restarts)
        trained = train_fleet(settings, list(jobs.values()), device=server.torch_device)
        classifiers = dict(zip(jobs, trained, strict=True))
        # Without a single sample that the teacher is certain of, the baseline classifier stays.
        return {
            device: Personal(
                classifiers.get(device, server.baseline), its.n_drawn, _by_scene(its), n_wanted
            )
            for device, its in artificial.items()
        }

    def sample(
        self,
        server: Server,
        mixtures: Sequence[Mixture],
        n_wanted: int,
        *,
        rngs: Sequence[np.random.Generator],
    ) -> list[Artificial]:
        """Samples of each mixture that the teacher is certain of; see `label_artificial`."""
        found = label_artificial(
            server.teacher,
            [
                partial(self.draw, server, mixture, rng=rng)
                for mixture, rng in zip(mixtures, rngs, strict=True)
            ],
            n_wanted=n_wanted,
            certainty=self.certainty,
            soft=self.labels == "soft",
            max_draws=self.max_draws,
        )
        return (
            [replace(its, samples=_balanced(its.samples)) for its in found]
            if self.balanced
            else found
        )

    def draw(
        self, server: Server, mixture: Mixture, n_samples: int, *, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """(n_samples, n_features) artificial sequences, not yet labelled."""
        deviations = server.deviations if self.deviations == "observed" else None
        return mixture.sample(n_samples, rng=rng, deviations=deviations)

    def _job(self, server: Server, artificial: Samples, *, seed: np.random.SeedSequence) -> Job:
        """What a device's classifier is trained on, and from where on."""
        baseline = server.baseline_set
        known, shipped = (
            (baseline, server.baseline)
            if self.rehearsal == "baseline"
            else (server.comprehensive_set, server.comprehensive)
        )
        n_training = round(len(artificial) * len(baseline.training) / len(baseline))
        own = TrainingSet(
            artificial[:n_training].weighted(self.artificial_weight), artificial[n_training:]
        )
        if self.rehearsal == "nearest":
            near = nearest(known.training, own.training, tempering=self.tempering)
            known = replace(known, training=near)
        return Job(known + own, seed, None if self.start == "scratch" else shipped)


def _by_scene(artificial: Artificial) -> tuple[int, ...]:
    return tuple(np.bincount(artificial.samples.scene, minlength=N_SCENES).tolist())


def _balanced(samples: Samples) -> Samples:
    """The same samples, of which those of every scene that occurs together weigh the same."""
    counts = np.bincount(samples.scene, minlength=N_SCENES)
    return samples.weighted(len(samples) / np.count_nonzero(counts) / counts[samples.scene])
