"""How the student learns from the teacher's probabilities (Hinton, Vinyals and Dean 2015).

Every sum has an order of its own, so that of the same samples the same student comes, to the last
bit, on every machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import pi

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import cos_sin, softmax
from fedasc.arithmetic.product import product
from fedasc.audio import FloatArray
from fedasc.models.samples import Samples
from fedasc.models.student import Numbers, Student, statistics_of
from fedasc.models.student_settings import StudentSettings
from fedasc.models.teacher import Teacher
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES

_RISING = 0.1
_MEAN_FADES, _SQUARE_FADES = 0.9, 0.99  # of Adam (Kingma and Ba 2015)
_LEAST = 1e-8
_TOLD_EVERY = 100


def distilled(
    settings: StudentSettings,
    samples: Samples,
    *,
    seed: np.random.SeedSequence,
    progress: Progress = quiet,
) -> Student:
    """Train a student with the least cross-entropy to the teacher's probabilities.

    Args:
        samples: With what the teacher says of each.
        seed: Of the first weights, and of the order of the samples.

    Returns:
        One that never labels, since nobody knows yet how far off it is; see `compared`.
    """
    targets, statistics = samples.targets(), statistics_of(samples.x)
    mean = statistics.mean(axis=0, dtype=np.float64)
    deviation = statistics.std(axis=0, dtype=np.float64)
    inputs = ((statistics - mean) / deviation).astype(np.float32)
    rng = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *settings.hidden, N_SCENES)
    layers = [_drawn(*shape, rng=rng) for shape in pairwise(sizes)]
    means, squares = ([np.zeros_like(layer) for layer in layers] for _ in range(2))
    mean_left = square_left = 1.0
    batches = _batches(len(samples), settings.batch_size, rng=rng)
    for number, (rate, rows) in enumerate(zip(_rates(settings), batches, strict=False), 1):
        gradients = _gradients(layers, inputs[rows], targets[rows])
        mean_left *= _MEAN_FADES
        square_left *= _SQUARE_FADES
        step, size = np.float32(rate / (1 - mean_left)), np.float32(1 / (1 - square_left))
        for layer, gradient, m, s in zip(layers, gradients, means, squares, strict=True):
            m += np.float32(1 - _MEAN_FADES) * (gradient - m)
            s += np.float32(1 - _SQUARE_FADES) * (gradient * gradient - s)
            layer -= step * m / (np.sqrt(s * size) + np.float32(_LEAST))
        if number % _TOLD_EVERY == 0 or number == settings.n_steps:
            progress("distilling the student", number, settings.n_steps)
    weights, biases = ([layer[part] for layer in layers] for part in (slice(-1), -1))
    # The inputs' mean and deviation go into the first layer.
    first = weights[0] / deviation[:, None]
    biases[0] = (biases[0] - product(mean[None], first)[0]).astype(np.float32)
    return Student((first.astype(np.float32), *weights[1:]), tuple(biases))


def compared(student: Student, teacher: Teacher, x: Numbers, *, bound: float) -> Student:
    """A student that labels if it is near enough to the teacher.

    Args:
        x: (n_samples, 45) sequences of recordings that neither of the two learnt from.
        bound: Share of them to which it may give another scene.
    """
    said, meant = student.probabilities(x), teacher.probabilities(x)
    return replace(
        student,
        disagreement=float(np.mean(said.argmax(axis=1) != meant.argmax(axis=1))),
        distance=float(np.abs(said - meant).sum(axis=1).mean() / 2),
        bound=bound,
    )


def _drawn(n_inputs: int, n_outputs: int, *, rng: np.random.Generator) -> Numbers:
    """(n_inputs + 1, n_outputs) first weights, and biases of zero (He et al. 2015)."""
    most = np.sqrt(3 / n_inputs)
    weights = rng.uniform(-most, most, size=(n_inputs, n_outputs)).astype(np.float32)
    return np.concatenate([weights, np.zeros((1, n_outputs), np.float32)])


def _rates(settings: StudentSettings) -> FloatArray:
    """(n_steps,) learning rates."""
    n_rising = max(1, round(_RISING * settings.n_steps))
    rising = np.arange(1, n_rising + 1) / n_rising
    falling = np.arange(1, settings.n_steps - n_rising + 1) / (settings.n_steps - n_rising + 1)
    cosines, _ = cos_sin(pi * falling)
    return settings.learning_rate * np.concatenate([rising, (1 + cosines) / 2])


def _batches(
    n_samples: int, batch_size: int, *, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Rows of batch after batch without end, in an order that is drawn anew for every pass."""
    while True:
        order = rng.permutation(n_samples)
        for start in range(0, max(n_samples - batch_size, 0) + 1, batch_size):
            yield order[start : start + batch_size]


def _gradients(layers: Sequence[Numbers], x: Numbers, targets: Numbers) -> list[Numbers]:
    """Of the mean cross-entropy of a batch, in the weights and biases of each layer."""
    seen = [x]
    for number, layer in enumerate(layers):
        outputs = product(seen[-1], layer[:-1], start=layer[-1])
        seen.append(np.maximum(outputs, 0) if number < len(layers) - 1 else outputs)
    slopes = ((softmax(seen.pop()) - targets) / len(x)).astype(np.float32)
    gradients = []
    ones = np.ones((1, len(x)), np.float32)
    for layer, inputs in zip(reversed(layers), reversed(seen), strict=True):
        gradients.append(product(np.concatenate([inputs.T, ones]), slopes))
        if inputs is not x:
            slopes = product(slopes, np.ascontiguousarray(layer[:-1].T)) * (inputs > 0)
    return gradients[::-1]
