from dataclasses import replace
from typing import Any

import pytest

from fedasc.audio.bank import FilterBank
from fedasc.errors import SettingsError
from fedasc.models.committee import CommitteeSettings
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.teacher import TeacherSettings
from fedasc.plugins import as_section
from fedasc.population.profile import find_profiles
from fedasc.population.sources import SourceCounts
from fedasc.population.users import UserSettings
from fedasc.settings import Settings, settings_of


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


@pytest.mark.parametrize("name", TeacherSettings.family.builtin)
def test_a_teacher_may_be_named_alone_or_beside_its_settings(name: str) -> None:
    for section in (name, {"name": name}):
        teacher = settings_of({"teacher": section}, where="here").teacher
        assert teacher.name == name
        assert type(teacher).__name__.lower().startswith(name.replace("_", ""))


def test_a_committee_has_members_that_are_teachers() -> None:
    members = [{"name": "ensemble", "n_trees": 7}, "mobilenet", {"members": ["deep_sets"]}]
    settings = settings_of({"teacher": {"members": members}}, where="here")
    assert settings.teacher == CommitteeSettings(
        members=(
            EnsembleSettings(n_trees=7),
            MobileNetSettings(),
            CommitteeSettings(members=(DeepSetsSettings(),)),
        )
    )
    assert settings_of(as_section(settings), where="here") == settings


PROFILES = replace(
    find_profiles("wide"),
    user_settings={"gain_spread_db": 1.0, "n_sources": {"noise": 6, "speech": 3}},
)


def test_what_goes_with_profiles_holds_where_nothing_else_is_said() -> None:
    assert settings_of({"seed": 2}, where="here", profiles=PROFILES) == Settings(
        seed=2,
        users=UserSettings(gain_spread_db=1.0, n_sources=SourceCounts(noise=6, speech=3)),
    )
    asked = {"gain_spread_db": 0.5, "drift": 0.1, "n_sources": {"noise": 2}}
    given = settings_of({"users": asked}, where="here", profiles=PROFILES).users
    assert given == UserSettings(
        gain_spread_db=0.5, drift=0.1, n_sources=SourceCounts(noise=2, speech=3)
    )
    bare = replace(PROFILES, user_settings={})
    assert settings_of({"users": asked}, where="here", profiles=bare).users.n_sources.speech is None


def test_settings_that_cannot_go_with_profiles_are_named() -> None:
    wrong = replace(PROFILES, user_settings={"n_sources": {"nois": 3}})
    told = r"recordings.toml, \[settings.users\].n_sources: .*'nois'; did you mean 'noise'"
    with pytest.raises(SettingsError, match=told):
        settings_of({}, where="here", profiles=wrong)


@pytest.mark.parametrize(
    ("users", "told"),
    [
        ({"familiarity": 2.0}, "here.users: users: familiarity must lie between 0 and 1, got 2"),
        ({"n_sources": {"noise": 0}}, "here.users.n_sources: n_sources: noise must be at least 1"),
        ({"n_sources": {"noise": 1.5}}, "here.users.n_sources.noise: expected"),
        ({"n_sources": {"voices": 3}}, "unknown setting 'voices'; known are music, noise, speech"),
        ({"n_sources": 6}, "here.users.n_sources: expected a section, got 6"),
    ],
)
def test_sources_that_there_cannot_be_are_refused(users: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings_of({"users": users}, where="here")


def test_sources_come_back_from_a_file_of_settings() -> None:
    settings = Settings(users=UserSettings(familiarity=0.5, n_sources=SourceCounts(music=2)))
    assert settings_of(as_section(settings), where="here") == settings
    assert hash(settings)


def test_an_ensemble_and_deep_sets_sit_on_the_default_committee() -> None:
    assert Settings().teacher == CommitteeSettings(members=(EnsembleSettings(), DeepSetsSettings()))


@pytest.mark.parametrize(
    ("teacher", "told"),
    [
        ("oracle", "no teacher 'oracle'; known are committee, ensemble"),
        ("comitee", "did you mean 'committee'"),
        (3, "here.teacher: expected a section with a name, got 3"),
        ({"members": []}, "members must name one teacher at least"),
        ({"members": "ensemble"}, "members: expected a list, got 'ensemble'"),
        ({"members": ["gmm"]}, "no teacher 'gmm'; known"),
        ({"members": [{"name": "ensemble", "n_tree": 3}]}, "members 'ensemble'.*'n_trees'"),
        ({"name": "ensemble", "n_trees": 0}, "here.teacher 'ensemble': .*positive"),
    ],
)
def test_what_is_no_teacher_is_refused_in_a_line(teacher: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        settings_of({"teacher": teacher}, where="here")
    assert "\n" not in str(refused.value)


def test_any_plug_in_may_be_named_alone() -> None:
    settings = settings_of({"strategy": "clustered", "aggregator": "moments"}, where="here")
    assert (settings.strategy.name, settings.aggregator.name) == ("clustered", "moments")
    with pytest.raises(SettingsError, match=r"here\.strategy: expected a section"):
        settings_of({"strategy": 3}, where="here")
    with pytest.raises(SettingsError, match=r"here\.aggregator: expected a section"):
        settings_of({"aggregator": 0}, where="here")


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"n_clients": 0}, {"calibration": "oracle"}])
def test_values_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong)).removeprefix("n_")):
        Settings(**wrong)
