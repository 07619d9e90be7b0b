"""Which recordings are a user's, by day and in her evaluation."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np
import pytest

import fedasc.simulated
from fedasc.audio.bank import FilterBank
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.library import Library, Surroundings
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import Windows
from fedasc.errors import SettingsError
from fedasc.population.profile import BaselineProfile, Profiles, UserProfile
from fedasc.population.sources import SourceCounts, sources_of, warn_of_sources
from fedasc.population.users import UserSettings, draw_users
from fedasc.scenario import ListeningSettings, Scenario
from fedasc.seeds import Purpose, Streams
from fedasc.simulated import hear

TYPES = {
    "noise": tuple(f"hum{n}" for n in range(8)),
    "music": ("pop", "jazz", "rock"),
    "speech": ("read", "told"),
}
COUNTS = SourceCounts(noise=4, music=3, speech=2)
N_OF_TYPE = 5


def library_of(n_of_type: Mapping[str, int] | None = None) -> Library:
    """Each part has five recordings of each type, of 1 to 5 clips; others if named."""
    rows = [
        (part, label, "", kind, (), f"{part}/{kind}/{number}")
        for part in ("train", *USER_PARTS)
        for label, types in TYPES.items()
        for kind in types
        for number in range((n_of_type or {}).get(f"{part}/{kind}", N_OF_TYPE))
        for _ in range(1 + number % 5)
    ]
    return Library(*zip(*rows, strict=True))


LIBRARY = library_of()
N_CLIPS = Counter(LIBRARY.groups)


def profiles_of(n_types: int) -> Profiles:
    return Profiles(
        where="here",
        baseline=BaselineProfile(noise=("hum0",), music=("pop",)),
        users={"A": UserProfile(noise={"*": n_types}, music=("*",))},
    )


def scenario_of(
    clips: ClipFile, *, n_users: int = 8, n_types: int = 5, **settings: Any
) -> Scenario:
    streams = Streams(7)
    return Scenario(
        clips=clips,
        library=LIBRARY,
        users=draw_users(
            profiles_of(n_types),
            n_users,
            library=LIBRARY,
            settings=UserSettings(**settings),
            streams=streams,
        ),
        bank=FilterBank(),
        listening=ListeningSettings(n_heard=400, n_evaluation=200),
        streams=streams,
        name="here",
        pools=(),
    )


Draw = Callable[..., Windows]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Draw:
    """What a device hears, as windows, and nothing kept."""
    monkeypatch.setattr(fedasc.simulated, "heard_once", lambda _, draw, **__: draw())
    return hear  # type: ignore[return-value]


def clips_of(windows: Windows) -> set[int]:
    return {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}


def groups_of(clips: set[int]) -> set[str]:
    return {LIBRARY.groups[clip] for clip in clips}


def day_and_evaluation(
    draw: Draw, scenario: Scenario, index: int, night: int = 0
) -> tuple[set[int], set[int]]:
    """Clips of both."""
    purposes = (Purpose.HEARD, Purpose.EVALUATION)
    day, evaluation = (draw(scenario, index, purpose, night=night) for purpose in purposes)
    return clips_of(day), clips_of(evaluation)


@pytest.mark.parametrize("counts", [COUNTS, SourceCounts(noise=4), SourceCounts()])
def test_what_is_unfamiliar_is_of_no_recording_that_was_heard(
    drawn: Draw, clips: ClipFile, counts: SourceCounts
) -> None:
    scenario = scenario_of(clips, n_sources=counts)
    for index in range(8):
        day, evaluation = map(groups_of, day_and_evaluation(drawn, scenario, index))
        assert not day & evaluation
        for label, n in counts.items():
            for groups in (day, evaluation):
                types = [group.split("/")[1] for group in groups]
                n_heard = sum(kind in TYPES[label] for kind in types)
                assert n_heard == n if n else n_heard > 9


@pytest.mark.parametrize("counts", [COUNTS, SourceCounts(noise=4), SourceCounts()])
def test_what_is_familiar_is_of_recordings_that_were_heard_but_of_other_clips(
    drawn: Draw, clips: ClipFile, counts: SourceCounts
) -> None:
    scenario = scenario_of(clips, n_sources=counts, familiarity=1.0)
    shared = Counter[bool]()
    for index in range(8):
        day, evaluation = day_and_evaluation(drawn, scenario, index)
        assert groups_of(evaluation) <= groups_of(day)
        assert {N_CLIPS[LIBRARY.groups[clip]] for clip in day & evaluation} <= {1}
        shared[bool(day & evaluation)] += 1
    assert shared[True] > 3  # who has but one clip


def test_the_earlier_half_of_a_recording_is_heard_and_the_later_kept(
    drawn: Draw, clips: ClipFile
) -> None:
    scenario = scenario_of(clips, n_sources=COUNTS, familiarity=1.0)
    for index in range(8):
        day, evaluation = day_and_evaluation(drawn, scenario, index)
        for group in groups_of(day):
            of_group = [clip for clip, name in enumerate(LIBRARY.groups) if name == group]
            n_kept = len(of_group) // 2
            assert set(of_group) & day == set(of_group[: len(of_group) - n_kept])
            kept = set(of_group[-n_kept:]) if n_kept else set(of_group)
            assert set(of_group) & evaluation == kept


@pytest.mark.parametrize("familiarity", [0.0, 0.25, 0.5, 1.0])
def test_as_many_windows_are_familiar_as_said(
    drawn: Draw, clips: ClipFile, familiarity: float
) -> None:
    scenario = scenario_of(clips, n_sources=COUNTS, familiarity=familiarity)
    windows = drawn(scenario, 2, Purpose.EVALUATION)
    familiar = np.array([LIBRARY.parts[clip] == USER_PARTS[0] for clip in windows.clip])
    assert familiar.sum() == familiarity * len(windows) == familiarity * 200
    for noise, is_familiar in zip(windows.noise, familiar, strict=True):
        assert noise < 0 or (LIBRARY.parts[noise] == USER_PARTS[0]) == is_familiar
    if familiarity == 0.5:
        assert 0 < familiar[:100].sum() < 100


def test_the_day_is_the_same_whatever_the_familiarity(drawn: Draw, clips: ClipFile) -> None:
    days = [
        drawn(
            scenario_of(clips, n_sources=COUNTS, familiarity=familiarity, drift=0.5),
            1,
            Purpose.HEARD,
            night=night,
        )
        for night in range(2)
        for familiarity in (0.0, 0.5, 1.0)
    ]
    for first, others in ((days[0], days[1:3]), (days[3], days[4:])):
        for other in others:
            np.testing.assert_array_equal(first.clip, other.clip)
            np.testing.assert_array_equal(first.snr_db, other.snr_db)


def test_a_day_is_kept_once_for_every_familiarity(
    monkeypatch: pytest.MonkeyPatch, clips: ClipFile
) -> None:
    keys: list[str] = []
    monkeypatch.setattr(fedasc.simulated, "heard_once", lambda entry, *_, **__: keys.append(entry))
    for familiarity in (0.0, 0.5):
        for purpose in (Purpose.HEARD, Purpose.EVALUATION):
            hear(scenario_of(clips, n_sources=COUNTS, familiarity=familiarity), 1, purpose)
    assert keys[0] == keys[2]
    assert keys[1] != keys[3]


def test_recordings_go_with_their_types_and_all_others_stay(clips: ClipFile) -> None:
    scenario = scenario_of(clips, n_sources=COUNTS, n_types=3, drift=0.4)
    left = stayed = 0
    for index in range(8):
        for night in range(6):
            before, after = (scenario.sources(index, night + n).day.groups for n in range(2))
            types = scenario.user(index, night + 1).surroundings.noise_types or ()
            for group in before["noise"]:
                is_hers = group.split("/")[1] in types
                assert (group in after["noise"]) == is_hers
                stayed += is_hers
                left += not is_hers
            assert len(after["noise"]) == 4
            assert {group.split("/")[1] for group in after["noise"]} <= set(types)
            assert before["music"] == after["music"]
            assert before["speech"] == after["speech"]
    assert min(left, stayed) > 20


def sources(
    counts: SourceCounts,
    surroundings: Surroundings,
    *,
    index: int = 0,
    library: Library = LIBRARY,
    seed: int = 1,
) -> tuple[Counter[str], Counter[str]]:
    """Types of the recordings of a day, and of those in the evaluation."""
    found = sources_of(counts, [surroundings], index=index, library=library, streams=Streams(seed))
    day, evaluation = (
        Counter(group.split("/")[1] for groups in excerpt.groups.values() for group in groups)
        for excerpt in (found.day, found.unfamiliar)
    )
    return day, evaluation


def test_the_evaluation_has_as_many_recordings_of_the_same_types() -> None:
    for index in range(10):
        day, evaluation = sources(COUNTS, Surroundings(), index=index)
        assert day == evaluation
        assert day.total() == 9


def test_other_types_stand_in_where_a_type_has_too_few() -> None:
    few = library_of({f"evaluation/hum{n}": 1 for n in range(3)})
    hers = Surroundings(noise_types=("hum0", "hum1", "hum2", "hum3"))
    differ = 0
    for index in range(10):
        day, evaluation = sources(SourceCounts(noise=7), hers, index=index, library=few)
        assert day.total() == evaluation.total() == 7
        for n in range(3):
            assert evaluation[f"hum{n}"] >= min(day[f"hum{n}"], 1)
        differ += day != evaluation
    assert differ == 10


def test_every_recording_is_as_likely_and_users_differ() -> None:
    hers = Surroundings(noise_types=("hum0", "hum1"))
    uneven = library_of({"aggregation/hum0": 2, "aggregation/hum1": 6})
    firsts = Counter[str]()
    for index in range(600):
        day, _ = sources(SourceCounts(noise=1), hers, index=index, library=uneven)
        firsts += day
    assert abs(firsts["hum0"] / 600 - 2 / 8) < 4 * sqrt(0.25 * 0.75 / 600)
    streams = [Streams(1), Streams(1), Streams(2)]
    drawn = [
        sources_of(COUNTS, [hers], index=index, library=LIBRARY, streams=root).day.groups
        for root, index in zip(streams, (0, 1, 0), strict=True)
    ]
    assert len({str(sorted(groups["speech"] | groups["noise"])) for groups in drawn}) == 3


def test_recordings_of_types_that_are_heard_more_are_drawn_more() -> None:
    hers = Surroundings(noise_types=("hum0", "hum1"), noise_weights=(0.8, 0.2))
    firsts = Counter[str]()
    for index in range(600):
        firsts += sources(SourceCounts(noise=1), hers, index=index)[0]
    assert abs(firsts["hum0"] / 600 - 0.8) < 4 * sqrt(0.8 * 0.2 / 600)


def test_who_asks_for_too_many_gets_all_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    greedy = SourceCounts(noise=3, speech=50)
    day, evaluation = sources(greedy, Surroundings())
    assert day["read"] + day["told"] == evaluation["read"] + evaluation["told"] == 2 * N_OF_TYPE
    users = draw_users(
        profiles_of(3),
        4,
        library=LIBRARY,
        settings=UserSettings(n_sources=greedy),
        streams=Streams(1),
    )
    with caplog.at_level(logging.WARNING):
        warn_of_sources([(greedy, user.surroundings) for user in users], LIBRARY)
    (record,) = caplog.records
    assert record.getMessage().startswith(
        "users.n_sources: 50 recordings of speech were asked for, and of the part aggregation a "
        "user has but 10, and hears these"
    )
    caplog.clear()
    warn_of_sources([(COUNTS, user.surroundings) for user in users], LIBRARY)
    assert not caplog.records


@pytest.mark.parametrize("label", TYPES)
def test_no_recording_at_all_is_refused(label: str) -> None:
    with pytest.raises(SettingsError, match=rf"{label} must be at least 1, got 0; leave it out"):
        SourceCounts(**{label: 0})


def test_the_distance_is_that_of_the_recordings_heard() -> None:
    everything = draw_users(
        profiles_of(8), 6, library=LIBRARY, settings=UserSettings(), streams=Streams(1)
    )
    few = draw_users(
        profiles_of(8),
        6,
        library=LIBRARY,
        settings=UserSettings(n_sources=SourceCounts(noise=1, music=1)),
        streams=Streams(1),
    )
    for user, other in zip(few, everything, strict=True):
        assert user.shares == other.shares
        groups = sources_of(
            user.n_sources,
            [user.surroundings],
            index=user.index,
            library=LIBRARY,
            streams=Streams(1),
        ).day.groups
        (noise,), (music,) = groups["noise"], groups["music"]
        expected = (user.shares[0] + user.shares[3]) * (noise.split("/")[1] != "hum0")
        expected += user.shares[1] * (music.split("/")[1] != "pop")
        assert user.distance == pytest.approx(expected)
