import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from fedasc.models.committee import CommitteeSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.samples import TrainingSet
from fedasc.models.teacher import Teacher, TeacherSettings
from fedasc.models.teacher_training import train_teacher
from fedasc.progress import Progress, quiet
from tests.models.test_labelling import SETTINGS, UNSEEN, VALIDATION, toy

SAMPLES = TrainingSet(toy(600, seed=1), VALIDATION)
NESTED = CommitteeSettings(members=(SETTINGS["committee"], SETTINGS["ensemble"]))


@dataclass(frozen=True, kw_only=True)
class Plain(TeacherSettings):
    """One that knows nothing of parts."""

    def train(self, samples: TrainingSet, *, seed: int, progress: Progress = quiet) -> Teacher:
        return SETTINGS["ensemble"].train(samples, seed=seed, progress=progress)

    def load(self, path: Path) -> Teacher:
        return SETTINGS["ensemble"].load(path)


def sent(what: Any) -> Any:
    """As it is when it comes from another process, or goes there."""
    return pickle.loads(pickle.dumps(what))


@pytest.mark.parametrize(
    ("settings", "n_parts"),
    [
        (MobileNetSettings(side=8, n_epochs=1, n_networks=2), 2),
        (NESTED, 6),
        (Plain(), 1),
    ],
    ids=["mobilenet", "nested", "plain"],
)
def test_parts_that_were_sent_elsewhere_make_the_same_teacher_in_any_order(
    settings: TeacherSettings, n_parts: int
) -> None:
    samples = TrainingSet(SAMPLES.training[:80], SAMPLES.validation[:20])
    training = settings.training(samples, seed=3)
    assert len(training.parts) == n_parts
    backwards = [sent(sent(part)()) for part in reversed(training.parts)]
    x = UNSEEN[:100]
    np.testing.assert_array_equal(
        training.joined(backwards[::-1]).probabilities(x),
        settings.train(samples, seed=3).probabilities(x),
    )


def test_several_processes_are_told_of_part_after_part() -> None:
    told: list[tuple[str, int, int]] = []
    with joblib.parallel_config("sequential"):  # each part has been sent and come back above
        teacher = train_teacher(
            SETTINGS["ensemble"],
            SAMPLES,
            seed=3,
            n_jobs=2,
            progress=lambda *what: told.append(what),
        )
    alone = train_teacher(SETTINGS["ensemble"], SAMPLES, seed=3)
    np.testing.assert_array_equal(teacher.probabilities(UNSEEN), alone.probabilities(UNSEEN))
    assert told == [("training the teacher", n, 2) for n in (1, 2)]


def test_networks_differ() -> None:
    training = SETTINGS["deep_sets"].training(SAMPLES, seed=3)
    one, other = (part().arrays["all.0.weight"] for part in training.parts)
    assert not np.allclose(one, other, atol=0.01)
