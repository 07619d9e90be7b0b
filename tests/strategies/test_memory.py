import numpy as np
import pytest

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.strategies.memory import Memory
from tests.models.test_embedded import random_classifier
from tests.strategies.contents import around, numbers, rows


def told(memory: Memory, place: float, *, retention: float, device: int = 4) -> Memory:
    return memory.told({device: Summary.of(around(place), 30)}, retention=retention)


@pytest.mark.parametrize("retention", [0.2, 0.5, 0.8])
def test_what_was_told_fades_by_the_same_share_every_night(retention: float) -> None:
    memory = Memory()
    for night in range(5):
        memory = told(memory, float(night), retention=retention)
    content = memory.contents[4]
    assert isinstance(content, Mixture)
    ages = 4 - np.arange(5)
    expected = np.where(ages == 4, 1, 1 - retention) * retention**ages
    assert content.means[:, 0].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(content.weights, expected, rtol=1e-4)


def test_without_memory_only_the_last_summary_counts() -> None:
    summary = Summary.of(around(1.0), 30)
    memory = told(Memory(), 0.0, retention=0).told({4: summary}, retention=0)
    assert memory.contents[4] is summary.content


def test_users_are_remembered_apart_and_a_silent_one_is_not_forgotten() -> None:
    memory = told(Memory(), 0.0, retention=0.5, device=1)
    later = told(memory, 1.0, retention=0.5, device=2)
    assert later.contents.keys() == {1, 2}
    assert later.contents[1] is memory.contents[1]


def test_remembering_leaves_the_old_memory_as_it_was() -> None:
    before = told(Memory(), 0.0, retention=0.5).sent({4: random_classifier(0)})
    contents, classifiers = dict(before.contents), dict(before.classifiers)
    told(before, 1.0, retention=0.5).sent({4: random_classifier(1), 5: random_classifier(2)})
    assert before.contents == contents
    assert before.classifiers == classifiers


def test_the_classifier_that_was_sent_last_is_known() -> None:
    first, second, others = (random_classifier(n) for n in range(3))
    memory = Memory().sent({1: first, 2: others}).sent({1: second})
    assert memory.classifiers[1] is second
    assert memory.classifiers[2] is others


def test_features_never_fade() -> None:
    memory = Memory()
    for start in (0, 10):
        memory = memory.told({1: Summary.of(rows(2, start=start), 2)}, retention=0.5)
    content = memory.contents[1]
    assert isinstance(content, Features)
    assert numbers(content.x) == [0, 1, 10, 11]
