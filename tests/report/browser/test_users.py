import json
from dataclasses import replace
from typing import Any

import pytest

from fedasc.report.browser import users
from fedasc.report.browser.users import UserBook
from tests.report.browser.made import book_of, some_records, some_users
from tests.report.records import a_lost_one


def told(book: UserBook) -> Any:
    content = json.loads(book.as_json())
    rows = [dict(zip(content["fields"], row, strict=True)) for row in content["rows"]]
    return {**content, "users": {row["device"]: row for row in rows}}


def test_a_user_is_told_as_she_was_recorded() -> None:
    one = told(book_of(some_records(3), some_users(3)))
    user = one["users"][2]
    assert user["noise"] == [["rain", 0.75], ["hair dryer", 0.25]]
    assert user["music"] == [["pop", None]]
    assert user["surroundings"] == {"gain_db": 1.5}
    assert user["tally"] == [2000, 400, 300, 200, 100, 1000]
    assert dict(zip(one["facts"], user["facts"], strict=True)) == {
        **{"label_shift": 0.125, "energy_distance": None, "collapsed": "", "n_odd": 3},
    }
    baseline = user["scores"][one["classifiers"].index("baseline")]
    assert baseline[:6] == [600, 400, 0, 0, 300, 700]


def test_of_several_nights_the_last_one_counts_and_all_are_told() -> None:
    nights = some_records(2, n_nights=3)
    nights[2] = nights[2][:1]  # user 1 isn't there any more
    one = told(book_of(nights, some_users(2)))
    assert (one["users"][0]["night"], one["users"][1]["night"]) == (2, 1)
    assert one["night_fields"] == ["night", "baseline", "personal", "comprehensive"]
    assert one["nights"]["0"][::4] == [0, 1, 2]
    # of noise 60, 65 and 50 % are right, of music 70, 69 and 72 %
    assert one["nights"]["1"][4:] == pytest.approx([1, 0.65, 0.675, 0.61])
    assert told(book_of(nights[:1], some_users(2)))["nights"] == {}


def test_who_was_lost_has_no_scores() -> None:
    user = told(book_of([[a_lost_one(device=0)]], some_users(1)))["users"][0]
    assert user["scores"] == [None] * 4
    assert user["lost"] == "no microphone"
    assert user["calibration_error"] is None


def test_users_whose_types_changed_their_number_have_no_weights() -> None:
    (record,) = some_records(1)[0]
    other = replace(record, surroundings={**record.surroundings, "noise_types": "rain"})
    assert told(book_of([[other]], some_users(1)))["users"][0]["noise"] == [["rain", None]]


def test_of_many_users_the_first_ones_have_a_view() -> None:
    one = told(book_of(some_records(7), some_users(7), most=5))
    assert sorted(one["users"]) == [0, 1, 2, 3, 4]
    assert one["n_users"] == 7


def test_of_many_nights_some_are_left_out_but_never_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(users, "MOST_NIGHTS", 8)
    one = told(book_of(some_records(2, n_nights=10), some_users(2)))
    assert one["nights"]["0"][::4] == [0, 3, 6, 9]
    assert told(book_of(some_records(2, n_nights=9), some_users(2)))["nights"]["1"][::4] == [
        *(0, 3, 6, 8),
    ]


def test_records_pass_by_as_they_are() -> None:
    records = some_records(3)[0]
    book = UserBook(some_users(3), n_nights=1)
    assert [*book.passing(iter(records))] == records
    assert book.n_shown == 3
