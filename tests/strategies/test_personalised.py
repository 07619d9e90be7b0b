from typing import Any

from fedasc.strategies.memory import Memory
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from tests.models.test_embedded import random_classifier
from tests.strategies.servers import PAPER, SERVER, STREAMS, SUMMARIES, served

STRATEGY = PersonalisedStrategy(**PAPER)


def test_every_device_has_a_task_of_its_own_summary_and_classifier() -> None:
    classifiers = {device: random_classifier(device) for device in (1, 3)}
    memory = Memory(contents={n: its.content for n, its in SUMMARIES.items()}).sent(classifiers)
    backwards: dict[int, Any] = dict(reversed(SUMMARIES.items()))
    found = STRATEGY.tasks(SERVER, backwards, memory, RoundContext(streams=STREAMS))
    assert [task.devices for task in found] == [(0,), (1,), (2,), (3,)]
    for task in found:
        (device,) = task.devices
        assert task.content is SUMMARIES[device].content
        assert task.last is classifiers.get(device)


def test_who_is_remembered_but_silent_tonight_gets_nothing() -> None:
    memory = Memory().told(SUMMARIES, retention=0.5)
    strategy = PersonalisedStrategy(**PAPER, memory=0.5)
    assert list(served(strategy, {2: SUMMARIES[2]}, memory=memory)) == [2]
