"""Training of embedded classifiers: the paper's schedule (section 4.3).

Every classifier is trained on its own data and its own draws, so that results depend neither on
how many are trained side by side nor on how many threads do it.
"""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from fedasc.config import check_choices
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier, Weights, initial
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training_kernel import train_epoch

Keep = Literal["last", "best", "mean"]
Standardisation = Literal["running", "exact"]


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings:
    """How C1 is trained.

    Args:
        n_epochs: Passes over the training samples (paper).
        learning_rate: Of Adam (paper).
        dropout: Share of hidden outputs dropped while training (the paper's "first layer").
        batch_size: The paper leaves it open.
        keep: Which epoch's weights count; the paper leaves it open. last: the last one's; best:
            those of the epoch with the best accuracy on the validation samples, the later of
            equals; mean: the mean over the last epochs (Izmailov et al. 2018).
        n_averaged: Epochs whose mean is taken.
        n_restarts: Trainings from other first weights, of which the one with the best accuracy on
            the validation samples counts; the paper has one.
        standardisation: What the batch normalisation subtracts and divides by once training is
            over: running, the statistics that followed the batches (PyTorch), or exact, those of
            the training samples; the paper leaves it open.
    """

    n_epochs: int = 250
    learning_rate: float = 0.008
    dropout: float = 0.05
    batch_size: int = 256
    keep: Keep = "mean"
    n_averaged: int = 50
    n_restarts: int = 3
    standardisation: Standardisation = "running"

    def __post_init__(self) -> None:
        if min(self.n_epochs, self.n_averaged, self.n_restarts) < 1 or self.batch_size < 2:
            raise SettingsError(
                "embedded: n_epochs, n_averaged and n_restarts must be at least 1, "
                "batch_size at least 2"
            )
        check_choices(self, section="embedded")
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0:
            raise SettingsError("embedded: dropout must be in [0, 1) and learning_rate positive")


def train(
    settings: EmbeddedSettings,
    samples: TrainingSet,
    *,
    seed: np.random.SeedSequence,
    start: EmbeddedClassifier | None = None,
) -> EmbeddedClassifier:
    """Train one classifier.

    Args:
        samples: What to learn from, and what to choose epochs and restarts with.
        seed: Of the first weights, the order of samples and the dropout.
        start: What training goes on from; first weights are drawn if None.
    """
    if settings.n_restarts == 1:
        return _trained(settings, samples, start, np.random.default_rng(seed))
    candidates = []
    for n in range(settings.n_restarts):
        # not spawned: that would change the caller's sequence
        child = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, n))
        candidates.append(_trained(settings, samples, start, np.random.default_rng(child)))
    return max(candidates, key=partial(_accuracy, samples=samples.validation))


def _trained(
    settings: EmbeddedSettings,
    samples: TrainingSet,
    start: EmbeddedClassifier | None,
    rng: np.random.Generator,
) -> EmbeddedClassifier:
    """One training, and the weights of it that count."""
    epochs = _epochs(settings, samples.training, start or initial(rng), rng)
    if settings.keep == "best":
        # max takes the first of equals, and the later epoch shall count
        return max(reversed(list(epochs)), key=partial(_accuracy, samples=samples.validation))
    return _mean(deque(epochs, maxlen=settings.n_averaged if settings.keep == "mean" else 1))


def _epochs(
    settings: EmbeddedSettings,
    training: Samples,
    start: EmbeddedClassifier,
    rng: np.random.Generator,
) -> Iterator[EmbeddedClassifier]:
    """The classifier after each epoch."""
    arrays = list(start.arrays().values())
    statistics = np.stack(arrays[:2])
    parameters = np.concatenate([array.ravel() for array in arrays[2:]])
    moments = np.zeros((2, parameters.size), np.float32)
    x = np.ascontiguousarray(training.x, np.float32)
    targets = np.ascontiguousarray(training.targets(), np.float32)
    exact = np.stack([x.mean(axis=0, dtype=np.float64), x.var(axis=0, dtype=np.float64)])
    kept = statistics if settings.standardisation == "running" else exact.astype(np.float32)
    n_steps = 0
    for _ in range(settings.n_epochs):
        n_steps = train_epoch(
            x,
            targets,
            rng.permutation(len(x)),
            settings.batch_size,
            settings.learning_rate,
            settings.dropout,
            rng,
            statistics,
            parameters,
            moments,
            n_steps,
        )
        yield _classifier(kept, parameters, start)


def _accuracy(classifier: EmbeddedClassifier, samples: Samples) -> float:
    return samples.accuracy(classifier.predict(samples.x))


def _mean(classifiers: Collection[EmbeddedClassifier]) -> EmbeddedClassifier:
    """The classifier whose every number is the mean of theirs."""
    columns = zip(*(classifier.arrays().values() for classifier in classifiers), strict=True)
    return EmbeddedClassifier(
        *(np.stack(arrays).mean(axis=0, dtype=np.float64).astype(np.float32) for arrays in columns)
    )


def _classifier(
    statistics: Weights, parameters: Weights, like: EmbeddedClassifier
) -> EmbeddedClassifier:
    """A value with copies of the numbers in training."""
    shapes = [array.shape for array in like.arrays().values()][2:]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(parameters.copy(), ends[:-1])
    mean, variance = statistics.copy()
    return EmbeddedClassifier(
        mean, variance, *(piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True))
    )
