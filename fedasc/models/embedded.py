"""The embedded classifier C1: 544 parameters, as a value, with inference in NumPy (Table 2)."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.product import product
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.inputs import Inputs, inputs_of
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays

Weights = NDArray[np.float32]

N_INPUTS = 9 * VECTORS_PER_SEQUENCE
N_HIDDEN = 9
BATCH_NORM_EPSILON = 1e-5

N_NUMBERS = 4 * N_INPUTS + (N_INPUTS + 1) * N_HIDDEN + (N_HIDDEN + 1) * N_SCENES
"""Parameters, and statistics of the inputs."""

N_MACS = 9 * 11 + N_INPUTS * (1 + N_HIDDEN) + N_HIDDEN * N_SCENES
"""Multiplications with an addition of one inference; one normalises an input.

Before that come the statistics of a feature: eight multiplications, and a root that counts as
three. Whose inputs are the sequence itself needs none of these.
"""


@dataclass(frozen=True, eq=False)
class EmbeddedClassifier:
    """Batch normalisation, dense layer with ReLU, dense layer with softmax.

    Args:
        mean: (45,) running mean of the inputs; a statistic of the training data.
        variance: (45,) running variance of the inputs; a statistic too.
        scale: (45,) of the batch normalisation.
        shift: (45,)
        hidden_weights: (45, 9)
        hidden_biases: (9,)
        output_weights: (9, 4)
        output_biases: (4,)
        inputs: What the first layer is given of a sequence. No number that is trained: whoever
            makes one classifier of others takes theirs.
    """

    mean: Weights
    variance: Weights
    scale: Weights
    shift: Weights
    hidden_weights: Weights
    hidden_biases: Weights
    output_weights: Weights
    output_biases: Weights
    inputs: Inputs = field(kw_only=True)

    def __post_init__(self) -> None:
        lock_arrays(self)

    def arrays(self) -> dict[str, Weights]:
        """All of its numbers."""
        return {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "inputs"
        }

    @property
    def n_parameters(self) -> int:
        """Trained numbers; the statistics of the inputs don't count (Table 2)."""
        arrays = self.arrays()
        return sum(arrays[name].size for name in arrays if name not in ("mean", "variance"))

    @property
    def n_bytes(self) -> int:
        """What a device downloads: its numbers, and a byte for what its inputs are."""
        return sum(array.nbytes for array in self.arrays().values()) + 1

    @property
    def is_finite(self) -> bool:
        """Whether it can be used at all; no other is sent to a device."""
        return all(np.isfinite(array).all() for array in self.arrays().values())

    def logits(self, x: NDArray[np.floating[Any]]) -> Weights:
        """Scores before the softmax.

        Args:
            x: (n_samples, 45) AMS sequences in dB.

        Returns:
            (n_samples, 4)
        """
        deviation = np.sqrt(self.variance + np.float32(BATCH_NORM_EPSILON))
        normalised = inputs_of(x, self.inputs) - self.mean
        normalised /= deviation
        normalised *= self.scale
        normalised += self.shift
        hidden = product(normalised, self.hidden_weights, start=self.hidden_biases)
        rectified = np.maximum(hidden, 0, out=hidden)
        return product(rectified, self.output_weights, start=self.output_biases)

    def predict(self, x: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
        """(n_samples,) most likely scene of each of x (n_samples, 45)."""
        scenes: NDArray[np.int64] = self.logits(x).argmax(axis=1)
        return scenes


def initial(rng: np.random.Generator, inputs: Inputs = "sequence") -> EmbeddedClassifier:
    """An untrained classifier, drawn as PyTorch draws dense layers (uniform in ±1/√n_inputs)."""

    def dense(n_inputs: int, n_outputs: int) -> tuple[Weights, Weights]:
        bound = 1 / np.sqrt(n_inputs)
        weights = rng.uniform(-bound, bound, size=(n_inputs, n_outputs))
        return weights.astype(np.float32), rng.uniform(-bound, bound, n_outputs).astype(np.float32)

    return EmbeddedClassifier(
        np.zeros(N_INPUTS, np.float32),
        np.ones(N_INPUTS, np.float32),
        np.ones(N_INPUTS, np.float32),
        np.zeros(N_INPUTS, np.float32),
        *dense(N_INPUTS, N_HIDDEN),
        *dense(N_HIDDEN, N_SCENES),
        inputs=inputs,
    )
