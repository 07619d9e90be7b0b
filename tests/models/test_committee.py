from pathlib import Path

import numpy as np
import pytest

from fedasc.config import fingerprint
from fedasc.errors import SettingsError
from fedasc.models.committee import CommitteeSettings, CommitteeTeacher
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.samples import Samples, TrainingSet


def toy(n_samples: int) -> Samples:
    rng = np.random.default_rng(n_samples)
    scene = rng.integers(4, size=n_samples)
    return Samples((rng.normal(size=(n_samples, 45)) + scene[:, None]).astype(np.float32), scene)


SETTINGS = CommitteeSettings(
    members={
        "ensemble": EnsembleSettings(n_trees=5),
        "deep_sets": DeepSetsSettings(n_networks=1, n_hidden=8, n_steps=20),
    }
)
SAMPLES = TrainingSet(toy(200), toy(50))


@pytest.fixture(scope="module")
def teacher() -> CommitteeTeacher:
    return SETTINGS.train(SAMPLES, seed=3)


def test_every_member_counts_the_same(teacher: CommitteeTeacher) -> None:
    x = SAMPLES.validation.x
    one, other = (
        member.train(SAMPLES, seed=3).probabilities(x) for member in SETTINGS.members.values()
    )
    assert not np.allclose(one, other, atol=0.01)
    np.testing.assert_allclose(teacher.probabilities(x), (one + other) / 2)


def test_comes_back_from_its_folder_with_equal_probabilities(
    teacher: CommitteeTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    x = SAMPLES.validation.x
    np.testing.assert_array_equal(
        SETTINGS.load(tmp_path / "teacher").probabilities(x), teacher.probabilities(x)
    )


def test_refuses_what_is_missing_or_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such teacher"):
        SETTINGS.load(tmp_path / "teacher")
    (tmp_path / "teacher").write_text("weights")
    with pytest.raises(SettingsError, match="not the folder of a committee"):
        SETTINGS.load(tmp_path / "teacher")


def test_a_folder_without_a_member_names_the_file_it_lacks(
    teacher: CommitteeTeacher, tmp_path: Path
) -> None:
    teacher.save(tmp_path / "teacher")
    (tmp_path / "teacher" / "deep_sets").unlink()
    with pytest.raises(SettingsError, match="deep_sets: no such teacher"):
        SETTINGS.load(tmp_path / "teacher")


def test_other_settings_of_a_member_make_another_committee() -> None:
    other = CommitteeSettings(members={**SETTINGS.members, "deep_sets": DeepSetsSettings()})
    assert fingerprint(other) != fingerprint(SETTINGS)
