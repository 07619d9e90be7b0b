"""The paper's strategy: every device gets a classifier trained for its own surroundings."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import ceil, inf, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import train
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server
from fedasc.strategies.rehearsal import nearest

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
        n_threads: int = 1,
        progress: Progress = quiet,
    ) -> dict[int, Personal]:
        """One classifier for each device that sent a summary.

        Args:
            summaries: By device.
            n_threads: Devices served at a time; changes no result.
        """

        def serve(device: int) -> Personal:
            return self.retrain(
                server,
                summaries[device].mixture,
                sampling=streams.generator(Purpose.SAMPLING, night, device),
                training=streams.sequence(Purpose.EMBEDDED_TRAINING, _PERSONAL, night, device),
            )

        devices = sorted(summaries)
        personal = {}
        with threadpool_limits(1), ThreadPoolExecutor(n_threads) as threads:
            for device, made in zip(devices, threads.map(serve, devices), strict=True):
                personal[device] = made
                progress("personalising classifiers", len(personal), len(devices))
                if made.n_kept < made.n_wanted:
                    logger.warning(
                        "device %d: the teacher was certain of %d of %d samples where %d were "
                        "wanted; going on with those",
                        device, made.n_kept, made.n_drawn, made.n_wanted,
                    )  # fmt: skip
        return personal

    def retrain(
        self,
        server: Server,
        mixture: Mixture,
        *,
        sampling: np.random.Generator,
        training: np.random.SeedSequence,
    ) -> Personal:
        """One device's classifier from its mixture.

        The paper wants as many artificial samples as the baseline set has, for training and for
        validation (section 4.3). Without a single one that the teacher is certain of, the
        baseline classifier stays.
        """
        baseline = server.baseline_set
        n_wanted = max(2, round(self.amount * len(baseline)))
        artificial, n_drawn = self.sample(server, mixture, n_wanted, rng=sampling)
        known, shipped = (
            (baseline, server.baseline)
            if self.rehearsal == "baseline"
            else (server.comprehensive_set, server.comprehensive)
        )
        if not len(artificial):
            return Personal(server.baseline, n_drawn, (0,) * N_SCENES, n_wanted)
        n_training = round(len(artificial) * len(baseline.training) / len(baseline))
        own = TrainingSet(
            artificial[:n_training].weighted(self.artificial_weight), artificial[n_training:]
        )
        if self.rehearsal == "nearest":
            near = nearest(known.training, own.training, tempering=self.tempering)
            known = replace(known, training=near)
        classifier = train(
            replace(server.embedded, n_epochs=self.n_epochs, n_restarts=self.n_restarts),
            known + own,
            seed=training,
            start=None if self.start == "scratch" else shipped,
        )
        kept = tuple(np.bincount(artificial.scene, minlength=N_SCENES).tolist())
        return Personal(classifier, n_drawn, kept, n_wanted)

    def draw(
        self, server: Server, mixture: Mixture, n_samples: int, *, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """(n_samples, n_features) artificial sequences, not yet labelled."""
        deviations = server.deviations if self.deviations == "observed" else None
        return mixture.sample(n_samples, rng=rng, deviations=deviations)

    def sample(
        self, server: Server, mixture: Mixture, n_wanted: int, *, rng: np.random.Generator
    ) -> tuple[Samples, int]:
        """Artificial samples that the teacher is certain of, and how many were drawn for them.

        Labelling is what costs: after a first block of as many as are wanted, the share kept tells
        how large the next must be, with a margin of two standard deviations and never larger than
        the first.
        """
        found = Samples.none(mixture.means.shape[1])
        n_drawn, n_next = 0, n_wanted
        while n_next:
            x = self.draw(server, mixture, n_next, rng=rng)
            n_drawn += len(x)
            probabilities = server.teacher.probabilities(x)
            certain = probabilities.max(axis=1) >= self.certainty
            found += self._labelled(x[certain], probabilities[certain])
            n_missing = max(n_wanted - len(found), 0)
            share = max(len(found), 1) / n_drawn
            n_expected = ceil((n_missing + 2 * sqrt(n_missing)) / share)
            n_next = min(n_expected, n_wanted, self.max_draws * n_wanted - n_drawn)
        found = found[:n_wanted]
        return _balanced(found) if self.balanced else found, n_drawn

    def _labelled(self, x: NDArray[np.float32], probabilities: FloatArray) -> Samples:
        beliefs = probabilities.astype(np.float32) if self.labels == "soft" else None
        return Samples(x, probabilities.argmax(axis=1), beliefs)


def _balanced(samples: Samples) -> Samples:
    """The same samples, of which those of every scene that occurs together weigh the same."""
    counts = np.bincount(samples.scene, minlength=N_SCENES)
    return samples.weighted(len(samples) / np.count_nonzero(counts) / counts[samples.scene])
