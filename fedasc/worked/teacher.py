"""A teacher: the large classifier on the server that labels artificial samples.

fedasc plugin check FILE.py
fedasc run --clients 4 --teacher FILE.py:WorkedTeacher
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

N_SCENES = 4


@dataclass(frozen=True)
class Trained:
    """The teacher itself: what lies nearest to a scene's mean is probably of that scene.

    Args:
        means: (4, 45) of the scenes, in dB.
        spread: (45,) what is far from them.
    """

    means: FloatArray
    spread: FloatArray

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        """(n_samples, 4) probability of each scene for x (n_samples, 45)."""
        if not np.isfinite(x).all():
            raise ValueError("samples to label must be finite")
        distances = [(((x - mean) / self.spread) ** 2).mean(axis=1) for mean in self.means]
        return softmax(-np.stack(distances, axis=1))

    def on(self, device: str) -> "Trained":
        """The same on a GPU, which wouldn't help here."""
        return self

    def save(self, path: Path) -> None:
        """Write it to a file that `load` reads."""
        with path.open("wb") as file:
            np.savez(file, means=self.means, spread=self.spread)


@dataclass(frozen=True, kw_only=True)
class WorkedTeacher(TeacherSettings):
    """How it is trained.

    The fields are what a settings file may say below [teacher]; each has a default.

    Args:
        width: Standard deviations of a feature that count as far.
    """

    width: float = 0.5

    def __post_init__(self) -> None:
        if self.width <= 0:
            raise SettingsError("width must be positive")

    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Trained:
        """Train one.

        Args:
            samples: Labelled windows, samples.training and samples.validation: x (n, 45) in dB and
                scene (n,) from 0 to 3.
            seed: Of every draw, for np.random.default_rng(seed); here nothing is drawn.
            progress: May be told of every step.
        """
        x, scene = samples.training.x.astype(np.float64), samples.training.scene
        means = np.stack([x[scene == number].mean(axis=0) for number in range(N_SCENES)])
        return Trained(means, self.width * (x - means[scene]).std(axis=0))

    def load(self, path: Path) -> Trained:
        """Read what `Trained.save` wrote."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return Trained(**arrays)
        except Exception as error:  # whatever reading something else may raise
            raise SettingsError(f"{path}: no such teacher file") from error
