from typing import Any

import pytest

from fedasc.audio.bank import FilterBank
from fedasc.errors import SettingsError
from fedasc.models.committee import CommitteeSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.settings import TEACHERS, Settings


@pytest.mark.parametrize(
    "other",
    [
        {"vector_s": 4.0},
        {"vector_s": 1.0},
        {"sample_rate_hz": 48_000},
        {"carrier_edges_hz": (100.0, 7000.0)},
    ],
)
def test_a_bank_that_does_not_give_what_c1_takes_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="bank: C1 takes"):
        Settings(bank=FilterBank(**other))


def test_a_bank_with_other_edges_is_taken() -> None:
    Settings(bank=FilterBank(carrier_edges_hz=(100.0, 500.0, 2000.0, 7500.0)))


@pytest.mark.parametrize("teacher", TEACHERS)
def test_every_teacher_has_its_section(teacher: str) -> None:
    section = Settings(teacher=teacher).teacher_settings()
    assert type(section).__name__.lower().startswith(teacher.replace("_", ""))


def test_a_committee_has_the_sections_of_its_members() -> None:
    settings = Settings(teacher="committee", ensemble=EnsembleSettings(n_trees=7))
    committee = settings.teacher_settings()
    assert isinstance(committee, CommitteeSettings)
    assert committee.members == {"ensemble": settings.ensemble, "deep_sets": settings.deep_sets}


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"n_clients": 0}, {"teacher": "oracle"}, {"calibration": "oracle"}]
)
def test_values_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong)).removeprefix("n_")):
        Settings(**wrong)
