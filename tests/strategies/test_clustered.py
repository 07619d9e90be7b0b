from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.memory import Memory
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.task import Task
from tests.strategies.contents import around, by_scene
from tests.strategies.servers import PAPER, SERVER, STREAMS, SUMMARIES, same, served

STRATEGY = ClusteredStrategy(**PAPER, n_clusters=3)
PLACES = {9: -40.0, 1: -10.0, 4: -40.0, 2: 20.0, 7: -10.0, 3: -40.0}
"""Where the mixture of each device lies: three of them on one place, two on another, one alone."""
GROUPS = [(1, 7), (2,), (3, 4, 9)]


def spread_out(
    places: dict[int, float] = PLACES, *, scenes: bool = False, n_windows: int = 10
) -> dict[int, Summary]:
    rng = np.random.default_rng(4)
    found = {}
    for device, place in places.items():
        mixture = around(place + rng.normal(0, 0.2), place + 3 + rng.normal(0, 0.2), spread=3)
        content = by_scene(mixture, 0, 1) if scenes else mixture
        found[device] = Summary.of(content, n_windows + device)
    return found


def tasks_of(
    strategy: ClusteredStrategy, summaries: dict[int, Summary], *, night: int = 0
) -> list[Task]:
    memory = Memory().told(summaries, retention=0)
    return strategy.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS, night=night))


@pytest.mark.parametrize("scenes", [False, True])
def test_like_users_are_grouped(scenes: bool) -> None:
    found = tasks_of(STRATEGY, spread_out(scenes=scenes))
    assert [task.devices for task in found] == GROUPS


def test_order_of_arrival_and_the_night_change_no_group() -> None:
    summaries = spread_out()
    backwards = dict(reversed(summaries.items()))
    for found in (tasks_of(STRATEGY, backwards), tasks_of(STRATEGY, summaries, night=5)):
        assert [task.devices for task in found] == GROUPS


def test_a_group_is_pooled_by_the_windows_of_its_members() -> None:
    summaries = spread_out()
    pair = tasks_of(STRATEGY, summaries)[0].content
    assert isinstance(pair, Mixture)
    np.testing.assert_allclose(pair.weights, np.repeat([11, 17], 2) / 56, rtol=1e-5)
    contents = [summaries[device].content for device in (1, 7)]
    means = np.concatenate([its.means for its in contents if isinstance(its, Mixture)])
    np.testing.assert_array_equal(pair.means, means)


def test_a_group_gets_one_classifier_and_another_group_another() -> None:
    found = served(STRATEGY, spread_out())
    assert list(found) == sorted(PLACES)
    assert found[1] is found[7]
    assert found[3] is found[4] is found[9]
    assert len({id(personal) for personal in found.values()}) == 3
    assert not same(found[1], found[2])


@pytest.mark.parametrize("n_clusters", [4, 50])
def test_as_many_groups_as_devices_leave_everyone_alone(n_clusters: int) -> None:
    found = tasks_of(replace(STRATEGY, n_clusters=n_clusters), SUMMARIES)
    assert [task.devices for task in found] == [(0,), (1,), (2,), (3,)]
    assert [task.content for task in found] == [its.content for its in SUMMARIES.values()]


def test_one_group_holds_everybody() -> None:
    (task,) = tasks_of(replace(STRATEGY, n_clusters=1), spread_out())
    assert task.devices == (1, 2, 3, 4, 7, 9)


@pytest.mark.parametrize("wrong", [{"n_clusters": 0}, {"n_epochs": 0}])
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"clustered: .*{next(iter(wrong))}"):
        ClusteredStrategy(**wrong)
