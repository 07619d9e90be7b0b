import numpy as np
import pytest

from fedasc.privacy.game import GameSettings
from fedasc.privacy.recordings_game import day_windows, places, places_in, probe_windows
from tests.privacy.recordings import N_GROUPS, few, library, scenario

SETTINGS = GameSettings(n_probes=5)


def test_half_of_each_label_is_in_and_nothing_else_is_heard() -> None:
    groups, world = library().groups, scenario()
    for release in range(3):
        there = places_in(world, 0, release)
        assert {label: len(names) for label, names in there.items()} == {
            "noise": N_GROUPS // 2,
            "music": N_GROUPS // 2,
            "speech": N_GROUPS // 2,
        }
        windows = day_windows(world, 0, release, settings=SETTINGS)
        assert len(windows) == 400
        heard = {groups[clip] for clip in {*windows.clip.tolist(), *windows.noise.tolist()} - {-1}}
        assert heard == frozenset().union(*there.values())


def test_each_recording_is_in_as_often_as_not() -> None:
    for world in (scenario(), few(scenario())):
        n_in = {place.group: 0 for place in places(world, 0)}
        for release in range(200):
            for label, names in places_in(world, 0, release).items():
                for name in names:
                    if label != "music" or len(names) > 1:
                        n_in[name] += 1
        assert np.mean(list(n_in.values())) == pytest.approx(100, abs=4)
        assert min(n_in.values()) > 70
        assert max(n_in.values()) < 130


def test_a_single_recording_of_a_label_is_always_in_and_never_judged() -> None:
    world = few(scenario())
    judged = [place.label for place in places(world, 0)]
    assert {label: judged.count(label) for label in set(judged)} == {"noise": 4, "speech": 3}
    music = {places_in(world, 0, release)["music"] for release in range(5)}
    assert len(music) == 1
    assert {len(places_in(world, 0, release)["speech"]) for release in range(9)} == {1, 2}


def test_the_attacker_holds_other_clips_or_else_the_same_one_from_another_start() -> None:
    groups, world = library().groups, scenario()
    there, held = places(world, 0), probe_windows(world, 0, settings=SETTINGS)
    assert sum(place.repeated for place in there) == len(there) // 2
    days = [day_windows(world, 0, release, settings=SETTINGS) for release in range(6)]
    heard = {clip for day in days for clip in (*day.clip.tolist(), *day.noise.tolist())}
    for place, clips in zip(there, held.clip.reshape(-1, 5).tolist(), strict=True):
        assert {groups[clip] for clip in clips} == {place.group}
        if place.repeated:
            assert not heard & set(clips)
        else:
            assert len(set(clips)) == groups.count(place.group) == 1
    mixed = held.noise[held.noise >= 0]
    assert len(mixed) == 5 * N_GROUPS
    assert {library().parts[clip] for clip in mixed} == {"evaluation"}
