"""The paper's strategy: every device gets a classifier trained for its own surroundings."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal, get_args

import numpy as np
from threadpoolctl import threadpool_limits

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.teacher import Teacher
from fedasc.models.training import train
from fedasc.progress import Progress, quiet
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server

logger = logging.getLogger(__name__)

_PERSONAL = 2

Rehearsal = Literal["baseline", "comprehensive"]


@dataclass(frozen=True, eq=False)
class Personal:
    """What a device gets, and how it came about.

    Args:
        classifier: Its own weights.
        n_drawn: Samples drawn from its mixture.
        n_kept: Samples that the teacher was certain of, at most as many as were wanted.
        n_wanted: A of the paper.
    """

    classifier: EmbeddedClassifier
    n_drawn: int
    n_kept: int
    n_wanted: int


@dataclass(frozen=True, kw_only=True)
class PersonalisedStrategy:
    """Sample the mixture, label with the teacher, retrain (section 3.2).

    Args:
        rehearsal: The labelled set that artificial samples are added to for retraining. The
            paper's is baseline; comprehensive gained more on real recordings (see README).
        certainty: Probability that the teacher must give its label for a sample to be kept.
        max_draws: Samples are drawn until enough are kept, but at most this many times as many.
    """

    rehearsal: Rehearsal = "comprehensive"
    certainty: float = 0.75
    max_draws: int = 20

    def __post_init__(self) -> None:
        if self.rehearsal not in get_args(Rehearsal):
            raise SettingsError(
                f"personalised: rehearsal must be one of {', '.join(get_args(Rehearsal))}, "
                f"got {self.rehearsal!r}"
            )
        if not 0 <= self.certainty < 1 or self.max_draws < 1:
            raise SettingsError("personalised: certainty must be in [0, 1), max_draws at least 1")

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

        As many samples are wanted as the baseline set has, for training and for validation
        (section 4.3). Without a single one that the teacher is certain of, the baseline classifier
        stays.
        """
        n_wanted = len(server.baseline_set)
        artificial, n_drawn = self.sample(mixture, server.teacher, n_wanted, rng=sampling)
        if not len(artificial):
            return Personal(server.baseline, n_drawn, 0, n_wanted)
        n_training = round(len(artificial) * len(server.baseline_set.training) / n_wanted)
        rehearsed = {
            "baseline": server.baseline_set,
            "comprehensive": server.comprehensive_set,
        }[self.rehearsal]
        own = TrainingSet(artificial[:n_training], artificial[n_training:])
        classifier = train(server.embedded, rehearsed + own, seed=training)
        return Personal(classifier, n_drawn, len(artificial), n_wanted)

    def sample(
        self, mixture: Mixture, teacher: Teacher, n_wanted: int, *, rng: np.random.Generator
    ) -> tuple[Samples, int]:
        """Artificial samples that the teacher is certain of, and how many were drawn for them.

        Labelling is what costs: after a first block of as many as are wanted, the share kept tells
        how large the next must be, with a margin of two standard deviations and never larger than
        the first.
        """
        found = Samples.none(mixture.means.shape[1])
        n_drawn, n_next = 0, n_wanted
        while n_next:
            x = mixture.sample(n_next, rng=rng)
            n_drawn += len(x)
            probabilities = teacher.probabilities(x)
            certain = probabilities.max(axis=1) >= self.certainty
            found += Samples(x[certain], probabilities[certain].argmax(axis=1))
            n_missing = max(n_wanted - len(found), 0)
            share = max(len(found), 1) / n_drawn
            n_expected = ceil((n_missing + 2 * sqrt(n_missing)) / share)
            n_next = min(n_expected, n_wanted, self.max_draws * n_wanted - n_drawn)
        return found[:n_wanted], n_drawn
