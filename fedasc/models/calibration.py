"""Certainty that means something: a teacher's probabilities, corrected on other recordings."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.models.correction import Correction, Isotonic, Temperature
from fedasc.models.samples import Samples
from fedasc.models.teacher import Teacher

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
    fitted = Temperature.fitted if method == "temperature" else Isotonic.fitted
    told = teacher.probabilities(validation.x)
    return CalibratedTeacher(teacher, fitted(told, validation.scene))


@dataclass(frozen=True)
class CalibratedTeacher:
    """A teacher and what corrects its probabilities.

    Args:
        correction: From a teacher's probabilities to better ones.
    """

    teacher: Teacher
    correction: Correction

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        return self.correction(self.teacher.probabilities(x))

    def on(self, device: str) -> "CalibratedTeacher":
        return replace(self, teacher=self.teacher.on(device))

    def save(self, path: Path) -> None:
        """Write the teacher alone; whoever loads it corrects it on samples of their own."""
        self.teacher.save(path)
