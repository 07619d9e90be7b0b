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
from tests.strategies.servers import PAPER, SERVER, STREAMS, SUMMARIES, same, served
from tests.strategies.test_groups import PLACES, known

STRATEGY = ClusteredStrategy(**PAPER, n_clusters=3, robust="none")
"""Places of these tests are where the server has heard nothing."""


def spread_out() -> dict[int, Summary]:
    return {device: Summary.of(content, 10 + device) for device, content in known().items()}


def tasks_of(
    strategy: ClusteredStrategy, summaries: dict[int, Summary], *, night: int = 0
) -> list[Task]:
    memory = Memory().told(summaries, retention=0)
    return strategy.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS, night=night))


def test_the_night_changes_no_group() -> None:
    summaries = spread_out()
    for night in (0, 5):
        tasks = tasks_of(STRATEGY, summaries, night=night)
        assert [task.devices for task in tasks] == [(1, 7), (2,), (3, 4, 9)]


def test_a_group_is_pooled_by_the_windows_of_its_members() -> None:
    summaries = spread_out()
    pair = tasks_of(STRATEGY, summaries)[0].content
    assert isinstance(pair, Mixture)
    np.testing.assert_allclose(pair.weights, np.repeat([11, 17], 2) / 56, rtol=1e-5)
    contents = [summaries[device].content for device in (1, 7)]
    means = np.concatenate([one.means for one in contents if isinstance(one, Mixture)])
    np.testing.assert_array_equal(pair.means, means)


def test_a_group_gets_one_classifier_and_another_group_another() -> None:
    personal = served(STRATEGY, spread_out())
    assert list(personal) == sorted(PLACES)
    assert personal[1] is personal[7]
    assert personal[3] is personal[4] is personal[9]
    assert len({id(one) for one in personal.values()}) == 3
    assert not same(personal[1], personal[2])


def test_fewer_devices_than_clusters_have_what_their_summaries_say() -> None:
    tasks = tasks_of(replace(STRATEGY, n_clusters=50), SUMMARIES)
    assert [task.content for task in tasks] == [one.content for one in SUMMARIES.values()]


@pytest.mark.parametrize("wrong", [{"n_clusters": 0}, {"n_epochs": 0}])
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"clustered: .*{next(iter(wrong))}"):
        ClusteredStrategy(**wrong)
