"""What the teacher must do."""

import numpy as np

from fedasc.made_up.days import sounds
from fedasc.models.samples import TrainingSet
from fedasc.testing import check_teacher
from fedasc.worked.teacher import WorkedTeacher


def test_it_keeps_the_contract() -> None:
    """The same as fedasc plugin check."""
    check_teacher(WorkedTeacher())


def test_it_tells_most_scenes() -> None:
    """Of windows that it hasn't seen."""
    samples = TrainingSet(sounds(400, seed=1), sounds(100, seed=2))
    teacher = WorkedTeacher().train(samples, seed=0)
    said = teacher.probabilities(samples.validation.x).argmax(axis=1)
    assert np.mean(said == samples.validation.scene) > 0.8
