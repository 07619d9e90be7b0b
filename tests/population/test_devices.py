import logging
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from fedasc.audio.bank import FilterBank
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.errors import CorpusError
from fedasc.population.devices import lacking, warn_of_microphones
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile
from fedasc.population.users import User, UserSettings, draw_users, users_of_shares
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Streams

STREAMS = Streams(3)
RECORDED = UserSettings(microphones="recorded")
MADE_BY = {
    ("noise", "rain"): "abc",
    ("noise", "wind"): "ab",
    ("noise", "cars"): "a",
    ("music", "pop"): " ",
    ("speech", "read"): "abc ",
}
PROFILES = Profiles(
    where="here",
    baseline=BaselineProfile(noise=("rain",), music=("pop",)),
    users={
        "A": UserProfile(noise={"rain": 1, "wind": 1}, music=("pop",), concentration=2.0),
        "B": UserProfile(noise={"*": 1}, music=("pop",)),
    },
)


def library_of(made_by: dict[tuple[str, str], str] = MADE_BY) -> Library:
    """In each part a clip of each type by each of its devices; a blank stands for none."""
    rows = [
        (part, label, "", kind, (), f"{part} {kind} {device}", device.strip())
        for part in ("train", *USER_PARTS)
        for (label, kind), devices in made_by.items()
        for device in devices
    ]
    return Library(*zip(*rows, strict=True))


def drawn(n_users: int, settings: UserSettings = RECORDED, **others: Any) -> tuple[User, ...]:
    library = others.get("library") or library_of()
    return tuple(draw_users(PROFILES, n_users, library=library, settings=settings, streams=STREAMS))


def test_a_user_hears_clips_of_her_device_and_those_of_no_device_alone() -> None:
    library = library_of()
    for user in drawn(40):
        for part in USER_PARTS:
            material = library.material(part, user.surroundings)
            for deck in (material.noise, material.speech, material.music):
                made_by = {library.microphones[clip] for clip in deck.clips}
                assert made_by <= {user.surroundings.microphone, ""}
                assert len(deck.clips)


def test_devices_are_drawn_evenly_and_types_from_what_they_recorded() -> None:
    heard: dict[str, Counter[tuple[str, ...]]] = {}
    for user in drawn(600)[1::2]:
        kinds = user.surroundings.noise_types or ()
        heard.setdefault(user.surroundings.microphone, Counter())[kinds] += 1
    by_device = {device: {kind for (kind,) in kinds} for device, kinds in heard.items()}
    assert by_device == {"a": {"rain", "wind", "cars"}, "b": {"rain", "wind"}, "c": {"rain"}}
    assert min(counts.total() for counts in heard.values()) > 75
    both = {user.surroundings.microphone for user in drawn(100)[::2]}
    assert both == {"a", "b"}  # since c has no wind, which the profile names


def test_a_device_that_has_everything_moves_no_other_draw() -> None:
    library = library_of(dict.fromkeys(MADE_BY, "ab"))
    users, plain = drawn(20, library=library), drawn(20, UserSettings(), library=library)
    assert {user.surroundings.microphone for user in users} == {"a", "b"}
    anybody = [replace(user.surroundings, microphone="") for user in users]
    assert anybody == [user.surroundings for user in plain]
    assert [user.microphone for user in users] == [user.microphone for user in plain]
    assert [user.shares for user in users] == [user.shares for user in plain]


def test_users_of_given_shares_have_devices_too() -> None:
    users = users_of_shares(
        [{"cars": 0.5, "rain": 0.5}, {"wind": 0.25, "cars": 0.75}],
        [{"pop": 1.0}],
        40,
        profile="iid",
        known=PROFILES.known(library_of()),
        library=library_of(),
        settings=RECORDED,
        streams=STREAMS,
    )
    heard = {
        (
            user.surroundings.microphone,
            user.surroundings.noise_types,
            user.surroundings.noise_weights,
        )
        for user in users
    }
    assert heard == {
        ("a", ("cars", "rain"), (0.5, 0.5)),
        ("b", ("rain",), (0.5,)),
        ("c", ("rain",), (0.5,)),
        ("a", ("wind", "cars"), (0.25, 0.75)),
        ("b", ("wind",), (0.25,)),
    }


def test_a_device_without_speech_in_both_parts_is_nobodys() -> None:
    library = library_of(MADE_BY | {("speech", "read"): "b"})
    assert {user.surroundings.microphone for user in drawn(2, library=library)} == {"b"}
    heard = Surroundings(noise_types=("rain",), genres=("pop",), microphone="a")
    assert lacking(heard, library) == ["speech"]
    assert lacking(replace(heard, noise_types=("cars",), microphone="b"), library) == [
        "noise 'cars'"
    ]


@pytest.mark.parametrize(
    ("made_by", "reason"),
    [
        (
            {("noise", "wind"): "c", ("noise", "rain"): "ab"},
            r"here, \[users.A\]: users.microphones: none of the devices a, b, c recorded",
        ),
        (
            dict.fromkeys(MADE_BY, " "),
            "users.microphones: of no recording the device is known .* column microphone",
        ),
    ],
)
def test_what_no_device_recorded_is_refused(
    made_by: dict[tuple[str, str], str], reason: str
) -> None:
    with pytest.raises(CorpusError, match=reason):
        drawn(2, library=library_of(MADE_BY | made_by))


def test_who_drifts_stays_with_what_her_device_recorded(clips: ClipFile) -> None:
    surroundings = Surroundings(noise_types=("rain",), genres=("pop",), microphone="b")
    (user, *_) = drawn(1)
    scenario = Scenario(
        clips=clips,
        library=library_of(),
        users=[replace(user, surroundings=surroundings, drift=1.0)],
        bank=FilterBank(),
        listening=ListeningSettings(),
        streams=STREAMS,
        name="here",
        pools=(),
    )
    heard = [scenario.user(0, night).surroundings.noise_types for night in range(4)]
    assert heard == [("rain",), ("wind",), ("rain",), ("wind",)]


@pytest.mark.parametrize(
    ("settings", "bank", "calibrated", "told"),
    [
        ({}, {}, False, ""),
        ({"gain_spread_db": 0.0}, {}, False, ""),
        ({"gain_spread_db": 6.0}, {}, False, "users.gain_spread_db changes nothing here: features"),
        ({"gain_spread_db": 6.0}, {"reference": "none"}, False, ""),
        ({"gain_spread_db": 6.0}, {"floor_dbfs": -60.0}, False, ""),
        ({"gain_spread_db": 6.0, "self_noise_db_spl": 20.0}, {}, False, ""),
        ({"gain_spread_db": 6.0, "clipping_db_spl": 100.0}, {}, False, ""),
        ({"calibration_db_spl": 100.0}, {}, False, "microphones have neither self_noise_db_spl"),
        ({"calibration_db_spl": 100.0, "clipping_db_spl": 100.0}, {}, False, ""),
        ({"calibration_db_spl": 99.0, "clipping_db_spl": 100.0}, {}, True, "all recordings are"),
    ],
)
def test_a_setting_that_changes_nothing_is_told(
    settings: dict[str, Any],
    bank: dict[str, Any],
    calibrated: bool,
    told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = library_of()
    if calibrated:
        library = replace(library, full_scale_db_spl=(94.0,) * len(library.parts))
    with caplog.at_level(logging.WARNING):
        warn_of_microphones(UserSettings(**settings), FilterBank(**bank), library)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * bool(told)
    assert told in caplog.text
