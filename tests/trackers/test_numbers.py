from dataclasses import replace

import pytest

from fedasc.experiments.record import Brief
from fedasc.settings import Settings
from fedasc.trackers.numbers import night_numbers, settings_in_words
from tests.report.records import a_lost_one, a_record


def test_numbers_are_told_by_profile_and_of_all_users() -> None:
    attacker = replace(a_record("near", after=0.0), attack="far")
    records = [
        a_record("near", before=0.5, after=0.75, bytes_up=100, bytes_down=20),
        a_record("near", before=0.5, after=0.625, bytes_up=300, bytes_down=40),
        a_record("far: out", before=0.75, after=0.5, bytes_up=200, bytes_down=60),
        a_lost_one("near"),
        attacker,
    ]
    numbers = night_numbers([Brief.of(record) for record in records])
    assert {name.split("/")[0] for name in numbers} == {"near", "far_ out", "all"}
    told = {
        "near/personal/mean": 0.6875,
        "near/gain/median": 0.1875,
        "near/n_lost": 1,
        "near/made_worse": 0,
        "near/bytes_up": 200,
        "far_ out/baseline/median": 0.75,
        "all/personal/median": 0.625,
        "all/gain/mean": 0.125 / 3,
        "all/made_worse": 1 / 3,
        "all/n_users": 3,
        "all/bytes_down": 40,
    }
    assert {name: numbers[name] for name in told} == pytest.approx(told)
    assert "all/gain/low" not in numbers, "of three users there is no interval"


def test_five_users_have_an_interval() -> None:
    numbers = night_numbers([Brief.of(a_record(after=0.5 + n / 20)) for n in range(5)])
    assert numbers["all/gain/low"] < numbers["all/gain/mean"] < numbers["all/gain/high"]


def test_settings_are_told_by_their_path() -> None:
    told = settings_in_words(replace(Settings(), n_clients=7))
    assert told["n_clients"] == 7
    assert told["aggregator.name"] == "gmm"
    assert told["nights.n_nights"] == 1
    assert told["teacher.members.0.name"] == "ensemble"
    assert all(isinstance(value, str | int | float) for value in told.values())
