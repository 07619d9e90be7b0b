"""Teachers are trained in parts: one after the other, or in processes side by side."""

from collections.abc import Callable
from typing import Any

import joblib

from fedasc.faults import fault_of
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher, TeacherSettings, Training
from fedasc.progress import Progress, quiet
from fedasc.traces import telling_lines

_PHASE = "training the teacher"


def in_turn(training: Training, progress: Progress) -> Any:
    """The teacher of a training whose parts are done one after the other."""
    trained = []
    for part in training.parts:
        trained.append(part())
        progress(_PHASE, len(trained), len(training.parts))
    return training.joined(trained)


def train_teacher(
    settings: TeacherSettings,
    samples: TrainingSet,
    *,
    seed: int,
    n_jobs: int = 1,
    progress: Progress = quiet,
) -> Teacher:
    """Train a teacher in so many processes, which change no bit of it."""
    with fault_of(settings, "train"):
        training = settings.training(samples, seed=seed)
        if min(n_jobs, len(training.parts)) == 1:
            return settings.train(samples, seed=seed, progress=progress)
        trained = []
        jobs = (joblib.delayed(_done)(part) for part in training.parts)
        for each in joblib.Parallel(n_jobs=n_jobs, return_as="generator")(jobs):
            trained.append(each)
            progress(_PHASE, len(trained), len(training.parts))
        return training.joined(trained)


def _done(part: Callable[[], Any]) -> Any:
    with telling_lines():
        return part()
