from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import Nothing, NothingAggregator
from fedasc.aggregators.summary import Summary
from fedasc.audio import FloatArray
from fedasc.seeds import Purpose
from fedasc.settings import settings_of
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_result import Personal
from fedasc.strategies.shares import counted, expecting, shares_in
from fedasc.strategies.task import Task
from tests.strategies.contents import around
from tests.strategies.servers import (
    N_WANTED,
    PAPER,
    SERVER,
    STREAMS,
    SUMMARIES,
    WatchedTeacher,
    served,
)
from tests.worlds import same_classifier

SILENT = {device: Summary.of(Nothing(), 10) for device in (4, 1, 2)}
PRIOR = shares_in(SERVER.comprehensive_set.training.targets())
ALL: Mapping[str, Any] = {"clear_share": 0.25}


class PlacesTeacher(WatchedTeacher):
    """Knows scenes by the level of all features: 0, 10, 20 or 30 dB."""

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        self.n_labelled.append(len(x))
        levels: FloatArray = np.eye(4)[np.clip(np.rint(x.mean(axis=1) / 10), 0, 3).astype(int)]
        return levels


def told_biases(made: Personal) -> NDArray[Any]:
    return made.classifier.output_biases - SERVER.comprehensive.output_biases


def test_who_sent_something_holds_what_was_trained_on_everything() -> None:
    made = served(ComprehensiveStrategy(), SILENT)
    assert list(made) == [1, 2, 4]
    assert all(one.classifier is SERVER.comprehensive and not one.tally for one in made.values())


@pytest.mark.parametrize(
    ("shares", "accepted", "aggregator"),
    [
        ("none", Content, NothingAggregator()),
        ("told", Content, NothingAggregator()),
        ("mixture", GmmAggregator().kind, GmmAggregator()),
    ],
)
def test_it_asks_for_a_mixture_only_if_it_needs_one(
    shares: Any, accepted: type[Content], aggregator: Any
) -> None:
    settings = settings_of({"strategy": {"name": "comprehensive", "shares": shares}}, where="x")
    assert accepted in settings.strategy.accepts
    assert settings.aggregator == aggregator


def test_shares_of_a_mixture_are_its_samples_as_the_teacher_takes_them() -> None:
    """Of six devices, of whom some are labelled together."""
    talks, silent = (0.1, 0.1, 0.7, 0.1), (0.7, 0.1, 0.1, 0.1)
    mixtures = {device: talks if device % 2 else silent for device in range(6)}
    summaries = {
        device: Summary.of(around(0, 10, 20, 30, weights=weights), 50)
        for device, weights in mixtures.items()
    }
    server = replace(
        SERVER, teacher=PlacesTeacher(SERVER.teacher), deviations=np.zeros((5, 45), np.float32)
    )
    made = served(ComprehensiveStrategy(shares="mixture", **ALL), summaries, server=server)
    for device, weights in mixtures.items():
        np.testing.assert_allclose(
            told_biases(made[device]), np.log(weights) - np.log(PRIOR), atol=0.3
        )


def test_shares_that_are_told_are_those_of_the_day() -> None:
    day = {
        1: np.array([2] * 60 + [0] * 40),
        2: np.arange(100) % 4,
        4: np.array([3] * 39 + [0] * 61),
    }
    strategy = ComprehensiveStrategy(shares="told", clear_share=0.4)
    made = served(strategy, SILENT, truth=day.__getitem__)
    for device in (1, 4):
        expected = expecting(SERVER.comprehensive, counted(day[device]), prior=PRIOR)
        assert same_classifier(made[device].classifier, expected)
    assert made[2].classifier is SERVER.comprehensive


@pytest.mark.parametrize("strategy", [ComprehensiveStrategy, PersonalisedStrategy])
def test_nobody_told_is_a_mistake_of_the_caller(strategy: Any) -> None:
    with pytest.raises(ValueError, match="nobody told strategy"):
        served(strategy(shares="told"))


def test_what_is_retrained_is_moved_from_what_it_was_taught_to_the_shares() -> None:
    """Three fifths of one scene were heard; what it was taught is even in part."""
    scene = np.array([1] * 60 + [0, 2, 3, 3] * 10)
    settings = {**PAPER, "targets": "soft", "certainty": 0.0}
    plain, told, mixture, clear = (
        served(PersonalisedStrategy(**settings, **more), truth=lambda _: scene)[1].classifier
        for more in (
            {},
            {"shares": "told", **ALL},
            {"shares": "mixture", **ALL},
            {"shares": "told", "clear_share": 0.7},
        )
    )
    assert same_classifier(plain, clear)
    strategy, task = PersonalisedStrategy(**settings), Task((1,), SUMMARIES[1].content)
    rngs = [STREAMS.generator(Purpose.SAMPLING, 0, 1)]
    (artificial,) = strategy.labelled(SERVER, [task], N_WANTED, rngs=rngs)
    taught = SERVER.baseline_set.training + artificial.samples[:40]
    prior = shares_in(taught.targets())
    for made, shares in (
        (told, counted(scene)),
        (mixture, shares_in(artificial.samples.targets())),
    ):
        assert same_classifier(made, expecting(plain, shares, prior=prior))
