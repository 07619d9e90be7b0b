from typing import Any

import numpy as np
import pytest

from fedasc.corpus.training import TrainingSetSettings
from fedasc.errors import SettingsError
from fedasc.models.samples import TrainingSet
from fedasc.transfer import transfer_set
from tests.strategies.servers import COMPREHENSIVE_SET, EVERYTHING, LinearTeacher

TEACHER = LinearTeacher()


def made(*, seed: int = 0, **sizes: Any) -> TrainingSet:
    return transfer_set(
        COMPREHENSIVE_SET,
        EVERYTHING,
        sizes=TrainingSetSettings(**sizes),
        teacher=TEACHER,
        rng=np.random.default_rng(seed),
    )


def test_the_paper_teaches_the_scenes_of_recordings_and_nothing_else() -> None:
    found = made(targets="hard", artificial=0)
    assert found.training is COMPREHENSIVE_SET.training
    assert found.validation is COMPREHENSIVE_SET.validation


def test_soft_targets_are_what_the_teacher_says() -> None:
    found = made(artificial=0)
    x = COMPREHENSIVE_SET.training.x
    np.testing.assert_array_equal(found.training.x, x)
    np.testing.assert_allclose(found.training.targets(), TEACHER.probabilities(x), rtol=1e-6)
    np.testing.assert_array_equal(found.training.scene, COMPREHENSIVE_SET.training.scene)
    assert found.validation is COMPREHENSIVE_SET.validation


@pytest.mark.parametrize("targets", ["hard", "soft"])
def test_artificial_samples_are_drawn_from_the_mixture_and_labelled_by_the_teacher(
    targets: str,
) -> None:
    n = len(COMPREHENSIVE_SET.training)
    found = made(targets=targets, artificial=2000).training
    recorded, artificial = found[:n], found[n:]
    expected = made(targets=targets, artificial=0).training.targets()
    np.testing.assert_array_equal(recorded.targets(), expected)
    assert len(artificial) == 2000
    np.testing.assert_allclose(artificial.targets(), TEACHER.probabilities(artificial.x), rtol=1e-6)
    apart = EVERYTHING.means[:, None] - artificial.x
    nearest = (apart**2 / EVERYTHING.variances[:, None]).mean(axis=2).min(axis=0)
    assert nearest.mean() < 1.5, "about one standard deviation from a component"
    assert np.abs(artificial.x.mean(axis=0) - COMPREHENSIVE_SET.training.x.mean(axis=0)).max() < 1
    np.testing.assert_array_equal(
        made(artificial=2000).training.x, made(artificial=2000).training.x
    )
    assert not np.array_equal(made(seed=1, artificial=9).training.x, made(artificial=9).training.x)


def test_refuses_less_than_nothing() -> None:
    with pytest.raises(SettingsError, match="training_sets: artificial must not be negative"):
        TrainingSetSettings(artificial=-1)
    with pytest.raises(SettingsError, match="training_sets: targets must be one of hard, soft"):
        TrainingSetSettings(targets="x")  # type: ignore[arg-type]
