"""Training of many embedded classifiers, each on samples of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.passes import Rehearsed
from fedasc.models.rows import Rows
from fedasc.models.samples import TrainingSet
from fedasc.models.training import EmbeddedSettings, attempts, best, train

N_TOGETHER = 512
"""Classifiers that an accelerator trains in a block, which has room for so many in any case."""


@dataclass(frozen=True, eq=False)
class Job:
    """A classifier to train.

    Args:
        samples: What to learn from, and what to choose epochs and restarts with.
        seed: Of the first weights, the order of samples and the dropout.
        start: What training goes on from; first weights are drawn if None.
        rehearsed: What it learns from besides.
    """

    samples: TrainingSet
    seed: np.random.SeedSequence
    start: EmbeddedClassifier | None = None
    rehearsed: Rehearsed | None = None


def train_fleet(
    settings: EmbeddedSettings, jobs: Sequence[Job], *, device: str = "cpu"
) -> list[EmbeddedClassifier]:
    """Train a classifier for every job.

    The draws are the same on every device; the arithmetic agrees within rounding, which many steps
    make grow.

    Args:
        device: cpu for compiled loops, one job after the other; any other of PyTorch's devices, as
            cuda or cpu:0, for many jobs at a time in batched operations there.

    Returns:
        Job by job. On cpu bitwise what `train` gives for each, whatever the other jobs; elsewhere
        see `fedasc.models.fleet_torch`.

    Raises:
        SettingsError: If PyTorch has no such device here.
    """
    if device == "cpu":
        return list(_one_after_the_other(settings, jobs))
    # brings PyTorch along, for seconds
    from fedasc.models.fleet_torch import Training, train_together

    trainings = [
        Training(job.samples, attempt, job.rehearsed)
        for job in jobs
        for attempt in attempts(settings, seed=job.seed, start=job.start)
    ]
    trained = iter(train_together(settings, trainings, device))
    return [
        best(list(islice(trained, settings.n_restarts)), job.samples.validation) for job in jobs
    ]


def _one_after_the_other(
    settings: EmbeddedSettings, jobs: Sequence[Job]
) -> Iterator[EmbeddedClassifier]:
    """What each is trained to; what is rehearsed is laid out once for all that rehearse it."""
    laid_out: Rehearsed | None = None
    known: Rows | None = None
    for job in jobs:
        if job.rehearsed != laid_out:
            laid_out = job.rehearsed
            known = Rows.of(laid_out.samples, settings.inputs) if laid_out else None
        yield train(
            settings,
            job.samples,
            seed=job.seed,
            start=job.start,
            rehearsed=job.rehearsed,
            known=known,
        )
