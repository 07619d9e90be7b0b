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
    """

    x: NDArray[np.float32]
    scene: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scene)

    def __add__(self, other: "Samples") -> "Samples":
        return Samples(np.concatenate([self.x, other.x]), np.concatenate([self.scene, other.scene]))

    def __getitem__(self, some: slice) -> "Samples":
        return Samples(self.x[some], self.scene[some])

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
        """(n_samples, 4) with a one at the scene of each sample."""
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
