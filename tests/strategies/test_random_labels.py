from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from fedasc.models.samples import Samples
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.random_labels import RandomLabelsStrategy
from fedasc.strategies.task import Task
from tests.aggregators.test_mixture import random_mixture
from tests.strategies.contents import numbers, rows
from tests.strategies.servers import (
    N_WANTED,
    PAPER,
    SERVER,
    SUMMARIES,
    WatchedTeacher,
    same,
    served,
)

STRATEGY = RandomLabelsStrategy(**PAPER)
MIXTURE = random_mixture(3)


def drawn(n_wanted: int, *, seed: int = 3) -> Samples:
    rngs = [np.random.default_rng(seed)]
    (found,) = STRATEGY.labelled(SERVER, [Task((0,), MIXTURE)], n_wanted, rngs=rngs)
    assert found.n_drawn == found.n_wanted == len(found.samples) == n_wanted
    return found.samples


def test_every_scene_is_drawn_as_often_as_any_other() -> None:
    assert chisquare(np.bincount(drawn(4000).scene, minlength=4)).pvalue > 0.001


def test_labels_know_nothing_of_the_samples() -> None:
    samples = drawn(4000)
    for described in (
        SERVER.teacher.probabilities(samples.x).argmax(axis=1),
        MIXTURE.component_of(samples.x),
        (samples.x.mean(axis=1) > np.median(samples.x.mean(axis=1))).astype(int),
    ):
        table = np.zeros((described.max() + 1, 4), int)
        np.add.at(table, (described, samples.scene), 1)
        assert chi2_contingency(table[table.any(axis=1)]).pvalue > 0.001


def test_samples_themselves_are_those_of_a_personalised_classifier() -> None:
    personalised = PersonalisedStrategy(**{**PAPER, "certainty": 0.0})
    rngs = [np.random.default_rng(3)]
    (found,) = personalised.labelled(SERVER, [Task((0,), MIXTURE)], 50, rngs=rngs)
    np.testing.assert_array_equal(drawn(50).x, found.samples.x)


def test_no_teacher_is_asked_and_its_certainty_does_not_matter() -> None:
    teacher = WatchedTeacher(SERVER.teacher)
    found = served(STRATEGY, server=replace(SERVER, teacher=teacher))
    assert not teacher.n_labelled
    for personal in found.values():
        assert personal.tally
        assert (personal.tally.n_drawn, personal.tally.n_kept) == (N_WANTED, N_WANTED)


def test_another_seed_draws_other_labels_and_the_same_seed_the_same() -> None:
    first, again, other = (drawn(60, seed=seed).scene.tolist() for seed in (3, 3, 4))
    assert first == again != other
    assert same(served(STRATEGY)[0], served(STRATEGY, {0: SUMMARIES[0]})[0])


@pytest.mark.parametrize("n_wanted", [10, 100])
def test_features_are_taken_once_each(n_wanted: int) -> None:
    rngs = [np.random.default_rng(3)]
    (found,) = STRATEGY.labelled(SERVER, [Task((0,), rows(30))], n_wanted, rngs=rngs)
    taken = numbers(found.samples.x)
    assert len(taken) == len(set(taken)) == found.n_wanted == min(n_wanted, 30)
