from dataclasses import replace

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.strategies.global_model import GlobalStrategy
from fedasc.strategies.memory import Memory
from fedasc.strategies.round_context import RoundContext
from tests.strategies.contents import around
from tests.strategies.servers import N_WANTED, PAPER, SERVER, STREAMS, SUMMARIES, same, served
from tests.worlds import same_classifier

STRATEGY = GlobalStrategy(**PAPER)


def test_everyone_gets_the_same_classifier_and_it_is_a_new_one() -> None:
    found = served(STRATEGY)
    assert list(found) == list(SUMMARIES)
    first = found[0]
    assert all(personal is first for personal in found.values())
    assert not same_classifier(first.classifier, SERVER.baseline)
    assert first.tally
    assert first.tally.n_kept == N_WANTED


def test_summaries_count_by_how_many_windows_they_stand_for() -> None:
    summaries = {5: Summary.of(around(1.0), 10), 2: Summary.of(around(2.0, 3.0), 30)}
    memory = Memory().told(summaries, retention=0)
    (task,) = STRATEGY.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS))
    assert task.devices == (2, 5)
    assert isinstance(task.content, Mixture)
    assert task.content.means[:, 0].tolist() == [2, 3, 1]
    np.testing.assert_allclose(task.content.weights, [3 / 8, 3 / 8, 1 / 4])


def test_the_order_of_devices_changes_nothing_but_who_they_are_does() -> None:
    one, backwards = served(STRATEGY), served(STRATEGY, dict(reversed(SUMMARIES.items())))
    assert same(one[0], backwards[0])
    fewer = {device: SUMMARIES[device] for device in (0, 1, 2)}
    assert not same(one[0], served(STRATEGY, fewer)[0])


def test_one_device_alone_gets_what_its_summary_says() -> None:
    memory = Memory().told(SUMMARIES, retention=0)
    one = {2: SUMMARIES[2]}
    (task,) = STRATEGY.tasks(SERVER, one, memory, RoundContext(streams=STREAMS))
    assert task.content is SUMMARIES[2].content


@pytest.mark.parametrize("retention", [0.0, 0.25])
def test_who_is_silent_tonight_has_no_say(retention: float) -> None:
    """Not even with what is remembered of her."""
    strategy = replace(STRATEGY, memory=retention)
    before = Memory().told({1: Summary.of(around(50.0), 10)}, retention=retention)
    context = {0: Summary.of(around(0.0), 10)}
    alone = served(strategy, context)
    assert same(served(strategy, context, memory=before)[0], alone[0])
