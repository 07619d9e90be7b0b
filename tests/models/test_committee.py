from pathlib import Path

import numpy as np
import pytest

from fedasc.config import fingerprint
from fedasc.errors import SettingsError
from fedasc.models.committee import CommitteeSettings, CommitteeTeacher, member_of
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.samples import Samples, TrainingSet
from fedasc.plugins import as_section


def toy(n_samples: int) -> Samples:
    rng = np.random.default_rng(n_samples)
    scene = rng.integers(4, size=n_samples)
    return Samples((rng.normal(size=(n_samples, 45)) + scene[:, None]).astype(np.float32), scene)


SETTINGS = CommitteeSettings(
    members=(
        EnsembleSettings(n_trees=5),
        DeepSetsSettings(n_networks=1, n_hidden=8, n_steps=20),
    )
)
SAMPLES = TrainingSet(toy(200), toy(50))


@pytest.fixture(scope="module")
def teacher() -> CommitteeTeacher:
    return SETTINGS.train(SAMPLES, seed=3)


def test_every_member_counts_the_same(teacher: CommitteeTeacher) -> None:
    x = SAMPLES.validation.x
    one, other = (member.train(SAMPLES, seed=3).probabilities(x) for member in SETTINGS.members)
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
    other = CommitteeSettings(members=(SETTINGS.members[0], DeepSetsSettings()))
    assert fingerprint(as_section(other)) != fingerprint(as_section(SETTINGS))


def test_members_stand_in_files_of_their_names(teacher: CommitteeTeacher, tmp_path: Path) -> None:
    teacher.save(tmp_path / "teacher")
    files = sorted(path.name for path in (tmp_path / "teacher").iterdir())
    assert files == ["deep_sets", "ensemble"]


def test_two_of_a_kind_stand_apart_and_are_not_the_same(tmp_path: Path) -> None:
    """Even with the same settings, which would make them twins if they had the same seed."""
    one = SETTINGS.members[1]
    twins = CommitteeSettings(members=(one, SETTINGS.members[0], one))
    teacher = twins.train(SAMPLES, seed=3)
    teacher.save(tmp_path / "teacher")
    files = sorted(path.name for path in (tmp_path / "teacher").iterdir())
    assert files == ["deep_sets", "deep_sets-2", "ensemble"]
    x = SAMPLES.validation.x
    first, _, second = (member.probabilities(x) for member in teacher.members.values())
    np.testing.assert_array_equal(first, one.train(SAMPLES, seed=3).probabilities(x))
    assert not np.allclose(first, second, atol=0.01)
    loaded = twins.load(tmp_path / "teacher").probabilities(x)
    np.testing.assert_array_equal(loaded, teacher.probabilities(x))


def test_a_committee_may_sit_on_a_committee(tmp_path: Path) -> None:
    outer = CommitteeSettings(members=(SETTINGS, SETTINGS.members[0]))
    teacher = outer.train(SAMPLES, seed=3)
    teacher.save(tmp_path / "teacher")
    x = SAMPLES.validation.x
    loaded = outer.load(tmp_path / "teacher").probabilities(x)
    np.testing.assert_array_equal(loaded, teacher.probabilities(x))


def test_a_member_is_found_by_its_kind() -> None:
    ensemble, deep_sets = SETTINGS.members
    outer = CommitteeSettings(members=(CommitteeSettings(members=(deep_sets,)), ensemble))
    assert member_of(ensemble, EnsembleSettings) is ensemble
    assert member_of(outer, EnsembleSettings) is ensemble
    assert member_of(outer, DeepSetsSettings) is deep_sets
    assert member_of(outer, MobileNetSettings) is None
    assert member_of(ensemble, DeepSetsSettings) is None
