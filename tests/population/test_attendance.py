from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedasc.errors import SettingsError
from fedasc.population.attendance import (
    Attendance,
    NightsSettings,
    attendance,
    check_attendance,
)
from fedasc.seeds import Streams

STREAMS = Streams(3)
MANY = 4000


def nights_of(
    settings: NightsSettings, n_devices: int = MANY, *, seed: int = 3
) -> Sequence[Attendance]:
    return [
        attendance(settings, range(n_devices), night, streams=Streams(seed))
        for night in range(settings.n_nights)
    ]


def test_by_default_everyone_is_there_and_in_time() -> None:
    (found,) = nights_of(NightsSettings(), 5)
    assert found == Attendance((0, 1, 2, 3, 4), (0, 1, 2, 3, 4), ())
    assert found.sending == found.members


@pytest.mark.parametrize("dropout", [0.05, 0.2, 0.7])
@pytest.mark.parametrize("straggle", [0.0, 0.3])
def test_as_many_miss_a_night_or_are_late_as_the_settings_say(
    dropout: float, straggle: float
) -> None:
    for found in nights_of(NightsSettings(n_nights=3, dropout=dropout, straggle=straggle)):
        assert found.members == tuple(range(MANY))
        missing = MANY - len(found.on_time) - len(found.late)
        assert missing / MANY == pytest.approx(dropout, abs=0.025)
        assert len(found.late) / MANY == pytest.approx((1 - dropout) * straggle, abs=0.025)


@given(
    dropout=st.floats(0, 1), straggle=st.floats(0, 1), join=st.floats(0, 0.9),
    leave=st.floats(0, 0.9), n_nights=st.integers(2, 6),
)  # fmt: skip
def test_nobody_is_both_in_time_and_late_and_only_members_are_either(**shares: Any) -> None:
    for night in nights_of(NightsSettings(**shares), 40):
        assert not set(night.on_time) & set(night.late)
        assert {*night.on_time, *night.late} <= set(night.members)
        assert night.sending == tuple(sorted({*night.on_time, *night.late}))
        for devices in (night.members, night.on_time, night.late):
            assert list(devices) == sorted(set(devices))


def test_one_may_miss_a_night_and_be_there_on_the_next() -> None:
    first, second = nights_of(NightsSettings(n_nights=2, dropout=0.5), 1000)
    both = set(range(1000)) - set(first.on_time) - set(second.on_time)
    assert len(both) == pytest.approx(250, abs=50), "nights are independent"


def test_other_devices_change_nothing() -> None:
    settings = NightsSettings(n_nights=4, dropout=0.3, straggle=0.3, join=0.3, leave=0.3)
    few, many = nights_of(settings, 50), nights_of(settings, 500)
    for one, other in zip(few, many, strict=True):
        for name in ("members", "on_time", "late"):
            mine = tuple(device for device in getattr(other, name) if device < 50)
            assert getattr(one, name) == mine


def test_nights_can_be_asked_for_in_any_order_and_as_often_as_one_likes() -> None:
    settings = NightsSettings(n_nights=4, dropout=0.3, straggle=0.3, join=0.3, leave=0.3)
    expected = nights_of(settings, 50)
    for night in (3, 0, 2, 2, 1):
        assert attendance(settings, range(50), night, streams=STREAMS) == expected[night]
    assert nights_of(settings, 50, seed=4) != expected


def test_whether_one_is_reliable_does_not_hang_on_who_joins() -> None:
    settings = {"n_nights": 4, "dropout": 0.3, "straggle": 0.3}
    plain = nights_of(NightsSettings(**settings), 200)  # type: ignore[arg-type]
    mixed = nights_of(NightsSettings(**settings, join=0.5, leave=0.5), 200)  # type: ignore[arg-type]
    for one, other in zip(plain, mixed, strict=True):
        assert other.on_time == tuple(n for n in one.on_time if n in other.members)


def presence(settings: NightsSettings, n_devices: int = MANY) -> dict[int, list[int]]:
    """The nights on which each of the users is there, as far as there are any."""
    found: dict[int, list[int]] = {}
    for night, its in enumerate(nights_of(settings, n_devices)):
        for device in its.members:
            found.setdefault(device, []).append(night)
    return found


@pytest.mark.parametrize("n_nights", [2, 3, 8])
def test_who_joins_comes_once_and_stays(n_nights: int) -> None:
    found = presence(NightsSettings(n_nights=n_nights, join=0.4))
    assert found.keys() == set(range(MANY)), "everybody comes in the end"
    for nights in found.values():
        assert nights == list(range(nights[0], n_nights))
    later = [nights[0] for nights in found.values() if nights[0]]
    assert len(later) / MANY == pytest.approx(0.4, abs=0.03)
    assert set(later) == set(range(1, n_nights))


@pytest.mark.parametrize("n_nights", [2, 3, 8])
@pytest.mark.parametrize("join", [0.0, 0.4])
def test_who_leaves_is_there_for_a_night_and_never_returns(n_nights: int, join: float) -> None:
    found = presence(NightsSettings(n_nights=n_nights, leave=0.3, join=join))
    assert found.keys() == set(range(MANY)), "everybody is there for a night"
    for nights in found.values():
        assert nights == list(range(nights[0], nights[-1] + 1))
    left = sum(nights[-1] < n_nights - 1 for nights in found.values())
    could = sum(nights[0] < n_nights - 1 for nights in found.values())
    assert left / could == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("wrong", ["join", "leave"])
def test_on_a_single_night_nobody_can_come_or_go(wrong: str) -> None:
    with pytest.raises(SettingsError, match="join or leave only if n_nights is 2 or more"):
        NightsSettings(n_nights=1, **{wrong: 0.1})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"n_nights": 0}, "n_nights must be at least 1, got 0"),
        ({"dropout": 1.1}, "dropout must lie between 0 and 1, got 1.1"),
        ({"straggle": -0.1}, "straggle must lie between"),
        ({"join": 2.0, "n_nights": 2}, "join must lie between"),
        ({"leave": float("nan"), "n_nights": 2}, "leave must lie between"),
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        NightsSettings(**wrong)


@pytest.mark.parametrize(("wrong", "night"), [({"join": 1.0}, 0), ({"leave": 1.0}, 2)])
def test_a_night_with_nobody_there_is_refused(wrong: dict[str, float], night: int) -> None:
    settings = NightsSettings(n_nights=3, **wrong)
    with pytest.raises(SettingsError, match=rf"nobody is there on night {night}; have fewer"):
        check_attendance(settings, range(20), streams=STREAMS)


def test_a_night_that_everybody_misses_is_still_a_night() -> None:
    (found,) = nights_of(NightsSettings(dropout=1.0), 3)
    assert found == Attendance((0, 1, 2), (), ())


def test_how_a_device_took_part_has_a_word() -> None:
    found = Attendance(members=(0, 1, 2), on_time=(1,), late=(2,))
    assert [found.word(device) for device in found.members] == ["missing", "in time", "late"]


def test_of_some_devices_it_is_the_same_as_of_all() -> None:
    settings = NightsSettings(n_nights=3, dropout=0.3, straggle=0.3, join=0.3, leave=0.3)
    everyone = attendance(settings, range(200), 1, streams=STREAMS)
    some = range(37, 90)
    assert attendance(settings, some, 1, streams=STREAMS) == everyone.among(some)
    for device in some:
        (alone,) = nights_words(settings, device)
        assert alone == (device in everyone.members and everyone.word(device))


def nights_words(settings: NightsSettings, device: int) -> list[Any]:
    found = attendance(settings, [device], 1, streams=STREAMS)
    return [bool(found.members) and found.word(device)]
