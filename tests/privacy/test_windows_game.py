from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from fedasc.privacy.game import GameSettings
from fedasc.privacy.windows_game import candidate_windows, windows_in
from tests.privacy.recordings import N_GROUPS, library, scenario

SETTINGS = GameSettings(n_canaries=20)


def test_those_in_and_those_out_are_of_one_distribution() -> None:
    """Whoever holds windows of other people, or of other days, has won before the release."""
    world = scenario()
    windows = candidate_windows(world, 0, settings=SETTINGS)
    there = [
        windows_in(world, 0, release, n_candidates=len(windows), settings=SETTINGS)
        for release in range(60)
    ]
    ordinary = windows[: 2 * 400]
    assert {library().parts[clip] for clip in ordinary.clip} == {"aggregation"}
    n_in = np.bincount(np.concatenate(there), minlength=len(windows))
    clips = {clip: n for n, clip in enumerate(sorted(set(ordinary.clip.tolist())))}
    table = np.zeros((2, len(clips)))
    for clip, n in zip(ordinary.clip.tolist(), n_in[: len(ordinary)], strict=True):
        table[:, clips[clip]] += n, 60 - n
    assert chi2_contingency(table).pvalue > 0.01
    place = [np.flatnonzero(heard < len(ordinary)).mean() / len(heard) for heard in there]
    assert np.mean(place) == pytest.approx(0.5, abs=0.01)


def test_a_day_has_as_many_windows_whoever_is_in() -> None:
    world = scenario()
    windows = candidate_windows(world, 0, settings=SETTINGS)
    assert len(windows) == 2 * 400 + 20
    n_rare = []
    for release in range(12):
        heard = windows_in(world, 0, release, n_candidates=len(windows), settings=SETTINGS)
        assert len(heard) == len(set(heard.tolist())) == 400
        n_rare.append(int((heard >= 800).sum()))
    assert len(set(n_rare)) > 3
    assert np.mean(n_rare) == pytest.approx(10, abs=2)


def test_rare_windows_are_of_recordings_that_nothing_else_is_of() -> None:
    groups = library().groups
    windows = candidate_windows(scenario(), 0, settings=SETTINGS)
    of_each = Counter(
        groups[clip]
        for clip in [*windows.clip.tolist(), *windows.noise[windows.noise >= 0].tolist()]
    )
    rare = windows[800:]
    assert len(set(rare.scene.tolist())) == 4
    for clip in [*rare.clip.tolist(), *rare.noise[rare.noise >= 0].tolist()]:
        assert of_each[groups[clip]] == 1
        assert library().parts[clip] == "evaluation"


def test_there_are_no_more_of_them_than_recordings_or_than_half_a_day_has_windows() -> None:
    windows = candidate_windows(scenario(), 0, settings=GameSettings(n_canaries=200))
    assert N_GROUPS < len(windows) - 800 <= 3 * N_GROUPS
    few = candidate_windows(scenario(), 0, settings=GameSettings(n_canaries=200, n_heard=10))
    assert len(few) == 2 * 10 + 5
