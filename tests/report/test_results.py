from dataclasses import replace

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.library import Library, Surroundings
from fedasc.evaluation.calibration import reliability
from fedasc.evaluation.predictions import Predictions
from fedasc.evaluation.scores import ON_DEVICES, Confusion
from fedasc.experiments.record import records_of
from fedasc.models.embedded import initial
from fedasc.night import Night
from fedasc.population.attendance import Attendance
from fedasc.population.sources import SourceCounts
from fedasc.population.users import User
from fedasc.probes.diagnosis import Diagnosis
from fedasc.report.nights import night_rows
from fedasc.report.results import summarise_profiles
from fedasc.report.rows import device_row
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Streams
from fedasc.strategies.round_result import Personal, Tally
from tests.report.records import a_lost_one, a_record

NONE = np.empty(0, np.int64)


def test_profiles_are_summarised_apart_and_together() -> None:
    near, far, both = summarise_profiles(
        [
            a_record(name, before=before, after=0.7)
            for name, before in (("near", 0.8), ("far", 0.5), ("far", 0.6), ("far", 0.7))
        ]
    )
    assert (near.profile, far.profile, both.profile) == ("near", "far", "all")
    assert (near.n_users, far.n_users, both.n_users) == (1, 3, 4)
    assert near.gain.median == pytest.approx(-0.1)
    assert far.gain.median == pytest.approx(0.1)
    assert both.gain.median == pytest.approx(0.05)
    assert far.gain.worst_tenth == pytest.approx(0.02)


def test_users_whose_devices_attack_do_not_count() -> None:
    attacker = replace(a_record("near", after=0.0), attack="far")
    near, both = summarise_profiles([a_record("near", after=0.7), attacker])
    assert (near.n_users, both.n_users) == (1, 1)
    assert both.accuracy["personal"] == pytest.approx(0.7)
    row = night_rows([[a_record(after=0.7), attacker]])[-1]
    assert (row["n_users"], row["personal_accuracy"]) == (1, pytest.approx(0.7))
    assert [device_row(one)["attack"] for one in (a_record(), attacker)] == ["", "far"]


def test_who_was_lost_does_not_count_and_profiles_stand_as_ever() -> None:
    records = [a_lost_one("U1"), a_record("U2", after=0.7), a_record("U1"), a_lost_one("U3")]
    found = summarise_profiles(records)
    assert [(one.profile, one.n_users) for one in found] == [("U1", 1), ("U2", 1), ("all", 2)]


def test_only_users_who_lose_count_as_made_worse() -> None:
    *_, both = summarise_profiles(
        [a_record(before=before, after=0.7) for before in (0.8, 0.7, 0.6)]
    )
    assert both.made_worse == pytest.approx(1 / 3)


def test_users_who_hear_no_noise_do_not_spoil_the_class_noise() -> None:
    heard = a_record(noise={"baseline": 0.4, "personal": 0.6})
    *_, both = summarise_profiles([heard, a_record()])
    assert both.noise["personal"] == pytest.approx(0.6)
    assert both.gain_noise.median == pytest.approx(0.2)


def confusion(n_right: int) -> Confusion:
    """Of ten windows of each scene, so many are right and the rest taken for noise."""
    counts = np.diag([n_right] * 4)
    counts[:, 0] += 10 - n_right
    return Confusion(counts)


def test_a_row_tells_what_a_user_hears_and_through_which_microphone(
    clips: ClipFile,
) -> None:
    user = User(
        index=3,
        profile="far",
        surroundings=Surroundings(noise_types=("rain", "wind"), genres=("pop",)),
        shares=(0.25, 0.25, 0.25, 0.25),
        microphone=Microphone(gain_db=1.23456, tilt_db=-2.34567),
        distance=0.123456,
    )
    ones = np.ones((2, 45), np.float32)
    mixture = Mixture(np.array([0.5, 0.5], np.float32), ones, ones)
    classifier = initial(np.random.default_rng(0))
    no_windows = reliability(NONE, np.empty((0, 4)))
    summary = Summary.of(mixture, 30)
    night = Night(
        number=0,
        attendance=Attendance(members=(3,), on_time=(3,), late=()),
        summaries={3: summary},
        personal={3: Personal(classifier, Tally(n_drawn=9, kept=(4, 1, 2, 0), n_wanted=8))},
        scores={3: {name: confusion(n) for n, name in enumerate(ON_DEVICES, start=4)}},
        diagnoses={
            3: Diagnosis(confusion(9), no_windows, {"label_shift": 0.5}, Predictions.of(NONE, {}))
        },
    )
    scenario = Scenario(
        clips=clips,
        library=Library((), (), (), (), ()),
        users=[user] * 4,
        bank=FilterBank(),
        listening=ListeningSettings(),
        streams=Streams(1),
        name="tests",
        pools=(),
    )
    (record,) = records_of(scenario, night)
    shown = device_row(record)
    expected = {
        "night": 0,
        "device": 3,
        "took_part": "in time",
        "profile": "far",
        "noise_types": "rain;wind",
        "genres": "pop",
        "gain_db": 1.235,
        "tilt_db": -2.346,
        "distance": 0.1235,
        "baseline_music": 0.4,
        "personal_music": 0.5,
        "comprehensive_speech_in_noise": 0.6,
        "teacher_speech": 0.9,
        "baseline_accuracy": 0.55,
        "bytes_up": summary.n_bytes,
        "bytes_down": classifier.n_bytes,
        "n_windows": 30,
        "label_shift": 0.5,
        "n_drawn": 9,
        "n_kept": 7,
        "n_wanted": 8,
    }
    assert {name: shown[name] for name in expected} == expected
    assert "familiarity" not in shown
    lives = replace(user, familiarity=0.5, n_sources=SourceCounts(noise=6))
    (record,) = records_of(replace(scenario, users=[lives] * 4), night)
    sources = {"n_noise_sources": 6, "n_music_sources": None, "n_speech_sources": None}
    assert {**shown, "familiarity": 0.5, **sources} == device_row(record)
