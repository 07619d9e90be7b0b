"""Training of embedded classifiers: the paper's schedule (section 4.3).

Every classifier is trained on its own data and its own draws, so that results depend neither on
how many are trained side by side nor on how many threads do it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from fedasc.config import check_choices, check_finite
from fedasc.errors import SettingsError
from fedasc.models.dropout import draw_key, epoch_words, threshold
from fedasc.models.embedded import N_HIDDEN, N_INPUTS, EmbeddedClassifier, Weights, initial
from fedasc.models.inputs import Inputs
from fedasc.models.passes import Passes, Rehearsed
from fedasc.models.rows import NO_ROWS, Rows
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training_kernel import N_LANES, aligned, train_epoch
from fedasc.scenes import N_SCENES

Keep = Literal["last", "best", "mean"]
Standardisation = Literal["running", "exact"]


_SHAPES = (
    *[(N_INPUTS,)] * 4,
    (N_INPUTS, N_HIDDEN),
    (N_HIDDEN,),
    (N_HIDDEN, N_SCENES),
    (N_SCENES,),
)


@dataclass(frozen=True, kw_only=True)
class EmbeddedSettings:
    """How C1 is trained.

    Args:
        inputs: What the first layer is given: sequence, the five vectors as they come (paper); or
            statistics of each feature over them, as many numbers that don't mind the order.
        n_epochs: Passes over the training samples; 250 in the paper.
        learning_rate: Of Adam (paper).
        dropout: Share of hidden outputs dropped while training (the paper's "first layer", of
            which it drops 0.05). With nine of them it costs more than it brings.
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

    inputs: Inputs = "statistics"
    n_epochs: int = 100
    learning_rate: float = 0.008
    dropout: float = 0.0
    batch_size: int = 256
    keep: Keep = "mean"
    n_averaged: int = 50
    n_restarts: int = 3
    standardisation: Standardisation = "running"

    def __post_init__(self) -> None:
        check_finite(self, section="embedded")
        if min(self.n_epochs, self.n_averaged, self.n_restarts) < 1 or self.batch_size < 2:
            raise SettingsError(
                "embedded: n_epochs, n_averaged and n_restarts must be at least 1, "
                "batch_size at least 2"
            )
        check_choices(self, section="embedded")
        if not 0 <= self.dropout < 1 or self.learning_rate <= 0:
            raise SettingsError("embedded: dropout must be in [0, 1) and learning_rate positive")

    @property
    def n_counted(self) -> int:
        """Last epochs of which the mean is taken, unless the best one is kept."""
        return min(self.n_averaged, self.n_epochs) if self.keep == "mean" else 1

    @property
    def validates(self) -> bool:
        """Whether validation samples choose anything."""
        return self.keep == "best" or self.n_restarts > 1


@dataclass(frozen=True, eq=False)
class Attempt:
    """One training of a classifier: where it starts, and what it draws.

    Args:
        start: First weights.
        key: Of the dropout.
        orders: Draws the order of the samples, epoch after epoch.
    """

    start: EmbeddedClassifier
    key: int
    orders: np.random.Generator


def attempts(
    settings: EmbeddedSettings, *, seed: np.random.SeedSequence, start: EmbeddedClassifier | None
) -> list[Attempt]:
    """The trainings of one classifier, of which the best counts (see `train`).

    Raises:
        ValueError: If the start has other inputs than the settings.
    """
    if start is not None and start.inputs != settings.inputs:
        raise ValueError(f"expected a start with {settings.inputs} as inputs, got {start.inputs}")
    children = [
        # not spawned: that would change the caller's sequence
        np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, n))
        for n in range(settings.n_restarts)
    ]
    trainings = []
    for each in [seed] if settings.n_restarts == 1 else children:
        rng = np.random.default_rng(each)
        trainings.append(Attempt(start or initial(rng, settings.inputs), draw_key(rng), rng))
    return trainings


def train(
    settings: EmbeddedSettings,
    samples: TrainingSet,
    *,
    seed: np.random.SeedSequence,
    start: EmbeddedClassifier | None = None,
    rehearsed: Rehearsed | None = None,
    known: Rows | None = None,
) -> EmbeddedClassifier:
    """Train one classifier.

    Args:
        samples: What to learn from, and what to choose epochs and restarts with.
        seed: Of the first weights, the order of samples and the dropout.
        start: What training goes on from; first weights are drawn if None.
        rehearsed: What it learns from besides.
        known: The same as rows, if they stand ready.
    """
    passes = Passes.over(samples.training, rehearsed, settings.batch_size)
    new = Rows.of(samples.training.weighted(passes.weight), settings.inputs)
    if known is None:
        known = Rows.of(rehearsed.samples, settings.inputs) if rehearsed else NO_ROWS
    return best(
        [
            _trained(settings, (known, new), passes, samples.validation, attempt)
            for attempt in attempts(settings, seed=seed, start=start)
        ],
        samples.validation,
    )


def best(candidates: Sequence[EmbeddedClassifier], samples: Samples) -> EmbeddedClassifier:
    """The candidate with the best accuracy on samples, the first of equals."""
    if len(candidates) == 1:
        return candidates[0]
    return max(candidates, key=partial(_accuracy, samples=samples))


def exact_statistics(known: Weights, new: Weights, share: float) -> Weights:
    """(2, n_inputs) mean and variance of inputs (n_samples, n_inputs), known ones with a share."""
    if not len(known) or share == 1:
        known, new = new[:0], np.concatenate([known, new])
    kinds = [kind.astype(np.float64) for kind in (known, new) if len(kind)]
    weights = [n for n in (share * len(known), len(new)) if n]
    means = np.array([kind.mean(axis=0) for kind in kinds])
    variances = np.array([kind.var(axis=0) for kind in kinds])
    mean = np.average(means, axis=0, weights=weights)
    variance = np.average(variances + (means - mean) ** 2, axis=0, weights=weights)
    return np.stack([mean, variance]).astype(np.float32)


def _trained(
    settings: EmbeddedSettings,
    rows: tuple[Rows, Rows],
    passes: Passes,
    validation: Samples,
    attempt: Attempt,
) -> EmbeddedClassifier:
    """One training on what is known and what isn't, and the weights of it that count."""
    known, new = rows
    room = aligned(-(-settings.batch_size // N_LANES) * N_LANES)
    numbers = np.concatenate([array.ravel() for array in attempt.start.arrays().values()])
    statistics, parameters = numbers[: 2 * N_INPUTS].reshape(2, N_INPUTS), numbers[2 * N_INPUTS :]
    exact = None
    if settings.standardisation == "exact":
        exact = exact_statistics(known.x[:, :N_INPUTS], new.x[:, :N_INPUTS], passes.share)
    moments = np.zeros((2, parameters.size), np.float32)
    total = np.zeros(numbers.size)
    n_counted, most, n_steps = 0, -1.0, 0
    for epoch, order in zip(range(settings.n_epochs), passes.orders(attempt.orders), strict=False):
        n_steps = train_epoch(
            known.x,
            known.targets,
            new.x,
            new.targets,
            order,
            settings.batch_size,
            settings.learning_rate,
            settings.dropout,
            threshold(settings.dropout),
            epoch_words(attempt.key, epoch),
            room,
            statistics,
            parameters,
            moments,
            n_steps,
        )
        if settings.keep == "best":
            accuracy = _accuracy(classifier(numbers, settings.inputs, exact), validation)
            if accuracy < most:
                continue
            most, n_counted = accuracy, 0
            total[:] = 0
        elif epoch < settings.n_epochs - settings.n_counted:
            continue
        total += numbers
        n_counted += 1
    return classifier((total / n_counted).astype(np.float32), settings.inputs, exact)


def _accuracy(classifier: EmbeddedClassifier, samples: Samples) -> float:
    return samples.accuracy(classifier.predict(samples.x))


def classifier(
    numbers: Weights, inputs: Inputs, statistics: Weights | None = None
) -> EmbeddedClassifier:
    """A classifier of copies of numbers.

    Args:
        numbers: All of a classifier's arrays, flat.
        inputs: What its first layer is given.
        statistics: (2, n_inputs) to replace the mean and the variance.
    """
    ends = np.cumsum([int(np.prod(shape)) for shape in _SHAPES])
    pieces = np.split(numbers.copy(), ends[:-1])
    arrays = [piece.reshape(shape) for piece, shape in zip(pieces, _SHAPES, strict=True)]
    if statistics is not None:
        arrays[:2] = statistics
    return EmbeddedClassifier(*arrays, inputs=inputs)
