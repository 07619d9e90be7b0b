"""Training of embedded classifiers: the paper's schedule (section 4.3).

Every classifier is trained on its own data and its own draws, so that results depend neither on
how many are trained side by side nor on how many threads do it.
"""

from dataclasses import dataclass

import numpy as np

from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier, Weights, initial
from fedasc.models.samples import TrainingSet
from fedasc.models.training_kernel import train_epoch


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings:
    """How C1 is trained.

    Args:
        n_epochs: Passes over the training samples (paper).
        learning_rate: Of Adam (paper).
        dropout: Share of hidden outputs dropped while training (the paper's "first layer").
        batch_size: The paper leaves it open.
        keep_best: Keep the weights of the epoch with the best accuracy on the validation samples,
            the later of equals, instead of the last epoch's; the paper leaves it open.
    """

    n_epochs: int = 250
    learning_rate: float = 0.008
    dropout: float = 0.05
    batch_size: int = 256
    keep_best: bool = True

    def __post_init__(self) -> None:
        if self.n_epochs < 1 or self.batch_size < 2:
            raise SettingsError("embedded: n_epochs must be at least 1, batch_size at least 2")
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0:
            raise SettingsError("embedded: dropout must be in [0, 1) and learning_rate positive")


def train(
    settings: EmbeddedSettings, samples: TrainingSet, *, seed: np.random.SeedSequence
) -> EmbeddedClassifier:
    """Train one classifier from scratch.

    Args:
        samples: What to learn from, and what to choose the epoch with.
        seed: Of the first weights, the order of samples and the dropout.
    """
    rng = np.random.default_rng(seed)
    start = initial(rng)
    arrays = list(start.arrays().values())
    statistics = np.stack(arrays[:2])
    parameters = np.concatenate([array.ravel() for array in arrays[2:]])
    moments = np.zeros((2, parameters.size), np.float32)
    x = np.ascontiguousarray(samples.training.x, np.float32)
    targets = np.ascontiguousarray(samples.training.targets(), np.float32)
    n_steps, best, best_accuracy = 0, start, -1.0
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
        if settings.keep_best:
            candidate = _classifier(statistics, parameters, start)
            accuracy = samples.validation.accuracy(candidate.predict(samples.validation.x))
            if accuracy >= best_accuracy:
                best, best_accuracy = candidate, accuracy
    return best if settings.keep_best else _classifier(statistics, parameters, start)


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
