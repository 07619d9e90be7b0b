from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.strategies.oracle import OracleStrategy
from fedasc.strategies.strategy import check_pair
from fedasc.strategies.task import Task
from tests.strategies.contents import numbers, rows
from tests.strategies.servers import N_WANTED, PAPER, SERVER, WatchedTeacher, same, served
from tests.worlds import same_classifier

STRATEGY = OracleStrategy(**PAPER)
N_ROWS = 40
TRUTHS = {device: np.random.default_rng(device).integers(4, size=N_ROWS) for device in (1, 2)}
SUMMARIES = {device: Summary.of(rows(N_ROWS), N_ROWS) for device in TRUTHS}


def labelled(n_wanted: int, devices: Sequence[int] = (1,)) -> tuple[NDArray[Any], NDArray[Any]]:
    tasks = [Task((n,), rows(N_ROWS), truth=TRUTHS[n]) for n in devices]
    rngs = [np.random.default_rng(3) for _ in devices]
    (found,) = STRATEGY.labelled(SERVER, tasks, n_wanted, rngs=rngs)
    assert found.n_drawn == found.n_wanted == len(found.samples)
    return found.samples.x, found.samples.scene


@pytest.mark.parametrize("n_wanted", [1, 30, N_ROWS, 200])
def test_every_window_is_taken_once_at_most_with_its_true_scene(n_wanted: int) -> None:
    x, scene = labelled(n_wanted)
    found = numbers(x)
    assert len(found) == len(set(found)) == min(n_wanted, N_ROWS)
    np.testing.assert_array_equal(scene, TRUTHS[1][found])


def test_windows_come_in_random_order() -> None:
    found = numbers(labelled(N_ROWS)[0])
    assert found != sorted(found)


def test_each_device_is_told_its_own_truth_and_no_teacher_is_asked() -> None:
    asked: list[int] = []

    def truth(device: int) -> NDArray[np.int64]:
        asked.append(device)
        return TRUTHS[device]

    teacher = WatchedTeacher(SERVER.teacher)
    found = served(STRATEGY, SUMMARIES, server=replace(SERVER, teacher=teacher), truth=truth)
    assert asked == [1, 2]
    assert not teacher.n_labelled
    for device, personal in found.items():
        assert personal.tally
        assert personal.tally.kept == tuple(np.bincount(TRUTHS[device], minlength=4))
        assert personal.tally.n_wanted == N_ROWS < N_WANTED


def test_another_truth_is_another_classifier() -> None:
    told = [
        served(STRATEGY, {1: SUMMARIES[1]}, truth=lambda _, scene=scene: scene)[1]
        for scene in (TRUTHS[1], TRUTHS[1], TRUTHS[2])
    ]
    assert same(told[0], told[1])
    assert not same_classifier(told[0].classifier, told[2].classifier)


def test_without_the_truth_there_is_no_oracle() -> None:
    with pytest.raises(ValueError, match="nobody told strategy 'oracle'"):
        served(STRATEGY, SUMMARIES)


def test_only_windows_themselves_will_do() -> None:
    assert STRATEGY.accepts == (Features,)
    check_pair(FeaturesAggregator(), STRATEGY)
    with pytest.raises(SettingsError, match="'oracle' needs features, but aggregator 'gmm'"):
        check_pair(GmmAggregator(), STRATEGY)


def test_what_can_not_fade_can_not_be_remembered() -> None:
    with pytest.raises(SettingsError, match="oracle: memory must be 0"):
        OracleStrategy(memory=0.5)
