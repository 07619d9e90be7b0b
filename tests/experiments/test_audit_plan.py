import pytest

from fedasc.config import from_mapping
from fedasc.errors import SettingsError
from fedasc.experiments.audit_plan import GAMES, UNITS, AuditPlan, Game


def test_every_unit_has_a_game() -> None:
    assert set(GAMES.values()) == set(UNITS)


def test_users_are_attacked_one_by_one_and_days_all_at_once() -> None:
    plan = AuditPlan(n_users=2, units=("window", "user-day"))
    games = [game for name in plan.names for game in plan.games_named(name, 0)]
    assert games == [
        Game("linkage"),
        Game("classifiers"),
        Game("user days"),
        Game("windows", 0),
        Game("windows", 1),
        Game("claims"),
    ]


def test_crowds_and_claims_are_for_some_repetitions() -> None:
    plan = AuditPlan(n_repetitions=3, n_crowds=2)
    counts = {name: [len(plan.games_named(name, n)) for n in range(4)] for name in GAMES}
    assert counts["linkage"] == counts["classifiers"] == counts["user days"] == [1, 1, 0, 0]
    assert counts["claims"] == [1, 0, 0, 0]
    assert counts["windows"] == [6, 6, 6, 0]


def test_games_need_as_many_users_as_they_name() -> None:
    plan = AuditPlan(n_users=3, n_pooled=8, n_matched=5, n_linked=(10, 40))
    needed = {name: plan.n_needed(name) for name in GAMES}
    assert needed == {
        "linkage": 40,
        "classifiers": 5,
        "user days": 8,
        "recordings": 3,
        "windows": 3,
        "claims": 3,
    }


def test_a_game_is_played_again_only_for_what_it_depends_on() -> None:
    more_users, more_linked = AuditPlan(n_users=9), AuditPlan(n_linked=(50, 1000))
    assert more_users.inputs("windows") == AuditPlan().inputs("windows")
    assert more_users.inputs("recordings") != AuditPlan().inputs("recordings")
    assert more_linked.inputs("recordings") == AuditPlan().inputs("recordings")
    assert more_linked.inputs("linkage") != AuditPlan().inputs("linkage")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"n_repetitions": -1}, "n_repetitions must be at least 0"),
        ({"n_users": 0}, "n_users must be at least 1"),
        ({"n_pooled": 3}, "n_pooled must be at least 4"),
        ({"n_linked": [1]}, "numbers of users from 2 on"),
        ({"n_linked": []}, "numbers of users from 2 on"),
        ({"units": ["day"]}, "no unit 'day'; name some of window, recording, user-day"),
        ({"units": []}, "name a unit at least"),
        ({"n_user": 1}, "n_user"),
    ],
)
def test_refuses_what_cannot_be_tried(section: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        from_mapping(AuditPlan, section, where="file")
