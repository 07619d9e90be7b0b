"""A teacher of one's own: what lies nearest to a scene's mean is probably of that scene.

fedasc run --teacher simulations/plugins/centroids.py:NearestCentroids
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import TeacherSettings
from fedasc.progress import Progress, quiet
from fedasc.scenes import N_SCENES


@dataclass(frozen=True)
class Centroids:
    """(4, 45) means of the scenes, and (45,) what is far from them."""

    means: FloatArray
    spread: FloatArray

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        if not np.isfinite(x).all():
            raise ValueError("samples to label must be finite")
        distances = [(((x - mean) / self.spread) ** 2).mean(axis=1) for mean in self.means]
        return softmax(-np.stack(distances, axis=1))

    def on(self, device: str) -> "Centroids":
        return self

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, means=self.means, spread=self.spread)


@dataclass(frozen=True, kw_only=True)
class NearestCentroids(TeacherSettings):
    """Distances are told in so many standard deviations of a feature."""

    width: float = 0.5

    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Centroids:
        x, scene = samples.training.x.astype(np.float64), samples.training.scene
        means = np.stack([x[scene == number].mean(axis=0) for number in range(N_SCENES)])
        return Centroids(means, self.width * (x - means[scene]).std(axis=0))

    def load(self, path: Path) -> Centroids:
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return Centroids(**arrays)
        except Exception as error:  # whatever reading something else may raise
            raise SettingsError(f"{path}: no such teacher file") from error
