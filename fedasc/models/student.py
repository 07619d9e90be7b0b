"""The student: a small network that labels devices' samples as the teacher would, much sooner."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.arithmetic.product import panel_width, panels, times_panels
from fedasc.audio import FloatArray
from fedasc.audio.bank import VECTORS_PER_SEQUENCE
from fedasc.models.labelling import (
    CPU,
    block_size,
    field_values,
    labelling,
    order_free,
    statistics,
    usable,
)
from fedasc.scenes import N_SCENES

if TYPE_CHECKING:
    import torch

Numbers = NDArray[np.float32]

_LABELLED_AT_ONCE = 1024
_PARTS = ("weights", "biases")
_NUMBERS = ("disagreement", "distance", "bound")


@dataclass(frozen=True, eq=False)
class Student:
    """Dense layers with ReLU on statistics of the five vectors, and softmax: a teacher itself.

    Args:
        weights: Of each layer, (n_inputs, n_outputs). The first takes the mean, the deviation and
            the five values in rising order of each feature, the last gives a score of each scene.
        biases: Of each, (n_outputs,).
        disagreement: Share of windows of recordings that it didn't learn from to which it gives
            another scene than the teacher.
        distance: Mean over these of the total variation distance between what the two say.
        bound: The largest disagreement with which it labels.
        device: Where, as PyTorch calls it.
    """

    weights: tuple[Numbers, ...]
    biases: tuple[Numbers, ...]
    disagreement: float = 1.0
    distance: float = 1.0
    bound: float = 0.0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for array in (*self.weights, *self.biases):
            array.flags.writeable = False

    def __getstate__(self) -> dict[str, Any]:
        return field_values(self)

    @property
    def passes(self) -> bool:
        """Whether it may label in the teacher's place."""
        return self.disagreement <= self.bound

    def facts(self) -> dict[str, Any]:
        """For reports."""
        return {"labels": self.passes, **{name: getattr(self, name) for name in _NUMBERS}}

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        """See `Teacher.probabilities`; of each sample the same to the last bit on every CPU."""
        if not np.isfinite(x).all():
            raise ValueError("samples to label must be finite")
        probabilities = np.empty((len(x), N_SCENES))
        n_samples = block_size(_LABELLED_AT_ONCE, self.device)
        on_cpu = self.device == CPU
        label = self._label if on_cpu else self._label_by_torch
        with nullcontext() if on_cpu else labelling():
            for start in range(0, len(x), n_samples):
                block = x[start : start + n_samples]
                probabilities[start : start + n_samples] = label(block.astype(np.float32))
        return probabilities

    def _label(self, x: Numbers) -> FloatArray:
        outputs = statistics_of(x)
        for number, (weights, biases) in enumerate(self._layers):
            if number:
                np.maximum(outputs, 0, out=outputs)
            outputs = times_panels(outputs, weights, biases)
        return softmax(outputs[:, :N_SCENES])

    def _label_by_torch(self, x: Numbers) -> FloatArray:
        import torch

        vectors = torch.from_numpy(x).to(self.device).reshape(len(x), VECTORS_PER_SEQUENCE, -1)
        outputs = statistics(vectors.transpose(0, 1))
        for number, (weights, biases) in enumerate(self._placed):
            if number:
                outputs = outputs.relu_()
            outputs = torch.addmm(biases, outputs, weights)
        probabilities: FloatArray = outputs.double().softmax(dim=1).cpu().numpy()
        return probabilities

    @cached_property
    def _layers(self) -> list[tuple[Numbers, Numbers]]:
        """Weights in panels and biases, with zeros where there is no output."""
        layers, n_inputs = [], len(self.weights[0])
        for weights, biases in zip(self.weights, self.biases, strict=True):
            rest = -len(biases) % panel_width(np.float32)
            rows = np.pad(weights, ((0, n_inputs - len(weights)), (0, rest)))
            layers.append((panels(rows), np.pad(biases, (0, rest))))
            n_inputs = rows.shape[1]
        return layers

    @cached_property
    def _placed(self) -> "list[tuple[torch.Tensor, torch.Tensor]]":
        import torch

        return [
            (torch.tensor(weights, device=self.device), torch.tensor(biases, device=self.device))
            for weights, biases in zip(self.weights, self.biases, strict=True)
        ]

    def on(self, device: str) -> "Student":
        return replace(self, device=usable(device))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it is, wherever it labels."""
        layers = {name: enumerate(getattr(self, name)) for name in _PARTS}
        return {
            **{f"{name}.{n}": part for name in layers for n, part in layers[name]},
            **{name: np.array(getattr(self, name)) for name in _NUMBERS},
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Student":
        """The one whose `arrays` they are."""
        n_layers = (len(arrays) - len(_NUMBERS)) // len(_PARTS)
        weights, biases = (tuple(arrays[f"{name}.{n}"] for n in range(n_layers)) for name in _PARTS)
        disagreement, distance, bound = (float(arrays[name]) for name in _NUMBERS)
        return cls(weights, biases, disagreement, distance, bound)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **self.arrays())  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> "Student":
        """Read what `save` wrote."""
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return cls.of_arrays(dict(content))


def statistics_of(x: Numbers) -> Numbers:
    """(n, 63) mean, deviation and sorted values of each feature of sequences x (n, 45)."""
    vectors = x.reshape(len(x), VECTORS_PER_SEQUENCE, -1).transpose(1, 0, 2)
    return order_free(np.ascontiguousarray(vectors))
