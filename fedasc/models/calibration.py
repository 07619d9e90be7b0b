"""Certainty that means something: a teacher's probabilities, corrected on other recordings."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from fedasc.audio import FloatArray
from fedasc.models.samples import Samples
from fedasc.models.teacher import Teacher
from fedasc.scenes import N_SCENES

Calibration = Literal["none", "temperature", "isotonic"]


def calibrated(teacher: Teacher, method: Calibration, validation: Samples) -> Teacher:
    """A teacher whose certainty agrees with how often it is right.

    Args:
        method: none; temperature, one number that all logits are divided by, which leaves every
            label as it is (Guo et al. 2017); or isotonic, a rising step function for each scene
            against the rest (Zadrozny and Elkan 2002).
        validation: Samples of recordings that the teacher wasn't trained on.
    """
    if method == "none":
        return teacher
    correction = CalibratedClassifierCV(FrozenEstimator(_AsTold()), method=method)
    correction.fit(teacher.probabilities(validation.x), validation.scene)
    return CalibratedTeacher(teacher, correction)


@dataclass(frozen=True)
class CalibratedTeacher:
    """A teacher and what corrects its probabilities.

    Args:
        correction: From a teacher's probabilities to better ones.
    """

    teacher: Teacher
    correction: CalibratedClassifierCV

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        told = self.teacher.probabilities(x)
        found: FloatArray = self.correction.predict_proba(told) if len(told) else told
        return found

    def on(self, device: str) -> "CalibratedTeacher":
        return replace(self, teacher=self.teacher.on(device))

    def save(self, path: Path) -> None:
        """Write the teacher alone; whoever loads it corrects it on samples of their own."""
        self.teacher.save(path)


class _AsTold(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A classifier whose inputs are the probabilities that it gives."""

    def __init__(self) -> None:
        self.classes_ = np.arange(N_SCENES)

    def fit(self, x: NDArray[Any], scene: NDArray[Any]) -> "_AsTold":
        return self  # scikit-learn asks for it, and a frozen estimator never calls it

    def predict(self, x: NDArray[Any]) -> NDArray[np.int64]:
        scenes: NDArray[np.int64] = x.argmax(axis=1)
        return scenes

    def predict_proba(self, x: NDArray[Any]) -> FloatArray:
        return x
