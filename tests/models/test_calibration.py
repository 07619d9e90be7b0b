from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from fedasc.audio import FloatArray
from fedasc.evaluation.calibration import reliability
from fedasc.models.calibration import Calibration, calibrated
from fedasc.models.samples import Samples
from fedasc.models.teacher import Teacher


@dataclass(frozen=True)
class Boaster:
    """Knows the logits, the first four inputs, but exaggerates them."""

    factor: float

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        found: FloatArray = softmax(self.factor * x[:, :4].astype(np.float64), axis=1)
        return found

    def on(self, device: str) -> "Boaster":
        return self

    def save(self, path: Path) -> None:
        path.write_text("boaster")


def world(n_samples: int, *, seed: int) -> Samples:
    """Samples whose scenes are drawn with the probabilities of a `Boaster(1)`."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1.5, size=(n_samples, 45)).astype(np.float32)
    chances = softmax(x[:, :4].astype(np.float64), axis=1).cumsum(axis=1)
    return Samples(x, (rng.uniform(size=(n_samples, 1)) > chances).sum(axis=1))


VALIDATION, UNSEEN = world(2000, seed=1), world(5000, seed=2)


def error(teacher: Teacher) -> float:
    return reliability(UNSEEN.scene, teacher.probabilities(UNSEEN.x)).error


@pytest.mark.parametrize("factor", [0.4, 3.0])
@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_certainty_agrees_with_how_often_a_teacher_is_right(
    method: Calibration, factor: float
) -> None:
    teacher = Boaster(factor)
    assert error(teacher) > 0.1
    assert error(calibrated(teacher, method, VALIDATION)) < 0.03


def test_temperature_is_the_one_with_the_least_log_loss_and_changes_no_label() -> None:
    def loss(temperature: float) -> float:
        logits = log_softmax(3.0 * VALIDATION.x[:, :4].astype(np.float64) / temperature, axis=1)
        return float(-logits[np.arange(len(VALIDATION)), VALIDATION.scene].mean())

    best = minimize_scalar(loss, bounds=(0.5, 10), method="bounded").x
    found = calibrated(Boaster(3.0), "temperature", VALIDATION).probabilities(UNSEEN.x)
    expected = Boaster(3.0 / best).probabilities(UNSEEN.x)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))


@pytest.mark.parametrize("method", get_args(Calibration))
def test_probabilities_add_to_one(method: Calibration) -> None:
    found = calibrated(Boaster(3.0), method, VALIDATION).probabilities(10 * UNSEEN.x)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()


def test_none_leaves_the_teacher_as_it_is() -> None:
    teacher = Boaster(3.0)
    assert calibrated(teacher, "none", VALIDATION) is teacher


def test_the_file_of_a_calibrated_teacher_is_that_of_the_teacher(tmp_path: Path) -> None:
    calibrated(Boaster(3.0), "temperature", VALIDATION).save(tmp_path / "teacher")
    assert (tmp_path / "teacher").read_text() == "boaster"
