"""Labelled feature sequences, real or artificial."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.scenes import N_SCENES


@dataclass(frozen=True, eq=False)
class Samples:
    """Sequences x with their scenes.

    Args:
        x: (n_samples, 45) in dB.
        scene: (n_samples,) class of each.
        beliefs: (n_samples, 4) weight of every scene in the loss of each sample; None where a
            sample's scene has the weight 1 and the others 0.
    """

    x: NDArray[np.float32]
    scene: NDArray[np.int64]
    beliefs: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.scene)

    def __add__(self, other: "Samples") -> "Samples":
        plain = self.beliefs is None and other.beliefs is None
        return Samples(
            np.concatenate([self.x, other.x]),
            np.concatenate([self.scene, other.scene]),
            None if plain else np.concatenate([self.targets(), other.targets()]),
        )

    def __getitem__(self, some: "slice | NDArray[Any]") -> "Samples":
        beliefs = None if self.beliefs is None else self.beliefs[some]
        return Samples(self.x[some], self.scene[some], beliefs)

    def weighted(self, weights: float | NDArray[np.floating[Any]]) -> "Samples":
        """The same samples with more or less weight in the loss: one for all, or (n_samples,)."""
        factors = np.reshape(weights, (-1, 1)).astype(np.float32)
        return Samples(self.x, self.scene, self.targets() * factors)

    @classmethod
    def none(cls, n_inputs: int) -> "Samples":
        """No samples, to add others to."""
        return cls(np.empty((0, n_inputs), np.float32), np.empty(0, np.int64))

    def digest(self) -> str:
        """Fingerprint of the content."""
        content = blake2b(np.ascontiguousarray(self.x).data, digest_size=12)
        content.update(np.ascontiguousarray(self.scene).data)
        return content.hexdigest()

    def targets(self) -> NDArray[np.float32]:
        """(n_samples, 4) weight of every scene in the loss of each sample."""
        if self.beliefs is not None:
            return self.beliefs
        return np.eye(N_SCENES, dtype=np.float32)[self.scene]

    def accuracy(self, predicted: NDArray[Any]) -> float:
        """Share of scenes that (n_samples,) predictions hit; NaN without samples."""
        return float(np.mean(predicted == self.scene)) if len(self) else float("nan")


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Samples to learn from, and samples of other recordings to choose an epoch with."""

    training: Samples
    validation: Samples

    def __len__(self) -> int:
        return len(self.training) + len(self.validation)

    def __add__(self, other: "TrainingSet") -> "TrainingSet":
        return TrainingSet(self.training + other.training, self.validation + other.validation)

    def digest(self) -> str:
        """Fingerprint of the content."""
        return self.training.digest() + self.validation.digest()
