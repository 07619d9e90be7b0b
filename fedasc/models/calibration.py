"""Certainty that means something: a teacher's probabilities, corrected on other recordings."""

from dataclasses import dataclass
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
    fitted = CalibratedClassifierCV(FrozenEstimator(_Classifier(teacher)), method=method)
    return CalibratedTeacher(teacher, fitted.fit(validation.x, validation.scene))


@dataclass(frozen=True)
class CalibratedTeacher:
    """A teacher and what corrects its probabilities."""

    teacher: Teacher
    correction: CalibratedClassifierCV

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        found: FloatArray = self.correction.predict_proba(x)
        return found

    def save(self, path: Path) -> None:
        """Write the teacher alone; whoever loads it corrects it on samples of their own."""
        self.teacher.save(path)


class _Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A teacher as scikit-learn sees it."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher
        self.classes_ = np.arange(N_SCENES)

    def fit(self, x: NDArray[Any], scene: NDArray[Any]) -> "_Classifier":
        return self  # scikit-learn asks for it, and a frozen estimator never calls it

    def predict(self, x: NDArray[Any]) -> NDArray[np.int64]:
        scenes: NDArray[np.int64] = self.predict_proba(x).argmax(axis=1)
        return scenes

    def predict_proba(self, x: NDArray[Any]) -> FloatArray:
        return self.teacher.probabilities(x)
