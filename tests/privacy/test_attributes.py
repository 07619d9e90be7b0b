from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.audio import FloatArray
from fedasc.models.samples import Samples
from fedasc.models.teacher import Teacher
from fedasc.population.sources import SourceCounts
from fedasc.privacy import attributes as module
from fedasc.privacy.attributes import area, attributes
from fedasc.privacy.days import day
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.references import references
from fedasc.scenario import Scenario
from tests.strategies.servers import LinearTeacher
from tests.worlds import AGGREGATOR, RELEASE, tiny_world

TYPES = ("noise/same", "noise/other", "music/same", "music/other")


@dataclass(frozen=True)
class Witness:
    """Knows the scenes of a day, and of nothing else."""

    heard: Samples

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        scenes = {
            window.tobytes(): scene
            for window, scene in zip(self.heard.x, self.heard.scene, strict=True)
        }
        return np.eye(4)[[scenes[window.tobytes()] for window in x]]

    def on(self, device: str) -> "Witness":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


def told(
    aggregator: Aggregator,
    index: int = 1,
    *,
    scenario: Scenario | None = None,
    teacher: Teacher | None = None,
    others: Sequence[Content] = (),
) -> dict[str, float]:
    """Of a user, by default one in town: an urban noise, one outdoors, and jazz."""
    world = tiny_world()
    server = replace(world.server, teacher=teacher or world.server.teacher)
    mechanism = Mechanism(
        aggregator=aggregator,
        release=RELEASE,
        classifier=server.baseline,
        public=server.public,
    )
    return attributes(scenario or world.scenario, server, mechanism, index, others=others)


def test_a_day_as_it_was_heard_tells_types_and_nothing_does_not() -> None:
    raw = [told(FeaturesAggregator(), index) for index in range(4)]
    assert np.mean([one["noise/same"] for one in raw]) > 0.85
    assert np.mean([one["noise/other"] for one in raw]) > 0.7
    floor = told(NothingAggregator())
    assert [floor[name] for name in TYPES] == [0.5] * 4
    assert floor["shares/told"] == floor["shares/guessed"] > 0


def test_types_are_told_by_recordings_that_the_release_speaks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of her types none but the recordings of her day count, as far as they are asked for."""
    scenario = tiny_world().scenario
    user = replace(scenario.users[1], n_sources=SourceCounts(noise=1, music=1))
    there = replace(scenario, users=[user, user])
    held, heard = references(scenario), there.sources(1, 0).day.groups
    in_day = np.isin(held.groups, [*heard["noise"], *heard["music"]])
    alike = np.isin(held.types, held.types[in_day]) & ~in_day & (held.parts == "aggregation")
    assert alike.any()
    monkeypatch.setattr(module, "log_ratio", lambda *_, **__: in_day - 10.0 * alike)
    figures = told(AGGREGATOR, scenario=there)
    assert [figures[name] for name in TYPES] == [1.0, 0.5, 1.0, 0.5]


def test_what_everybody_sends_tells_no_types() -> None:
    heard = day(tiny_world().scenario, 1)
    figures = told(FeaturesAggregator(), others=[Features(heard.x)] * 2)
    assert [figures[name] for name in TYPES] == [0.5] * 4
    assert told(FeaturesAggregator())["noise/same"] > 0.5


def test_types_that_are_heard_as_often_as_others_are_nobodys() -> None:
    scenario = tiny_world().scenario
    noise = ("crowd", "dishes", "fan", "leaves", "motor", "wind")
    for first, there_are in ((0.5, True), (0.1, False)):
        user = scenario.users[0]
        surroundings = replace(
            user.surroundings, noise_types=noise, noise_weights=(first, *[0.1] * 5)
        )
        there = replace(scenario, users=[replace(user, surroundings=surroundings)])
        figures = told(NothingAggregator(), 0, scenario=there)
        assert isnan(figures["noise/same"]) != there_are
        assert figures["music/same"] == 0.5


def test_shares_are_those_that_the_teacher_sees_and_never_quite_none() -> None:
    heard = day(tiny_world().scenario, 1)
    true = np.bincount(heard.scene, minlength=4) / len(heard.scene)
    witnessed, blind = (
        told(FeaturesAggregator(), teacher=teacher)["shares/told"]
        for teacher in (Witness(heard), LinearTeacher(sharpness=0.0))
    )
    assert witnessed == pytest.approx(np.abs(0.02 * (true - 0.25)).mean())
    assert blind == pytest.approx(np.abs(true - 0.25).mean())


def test_kinds_without_samples_tell_no_shares() -> None:
    figures = told(SelfTrainedAggregator())
    assert figures["shares/told"] == figures["shares/guessed"]
    assert 0 <= figures["noise/same"] <= 1


def test_areas_are_shares_of_pairs_in_order() -> None:
    inside, outside = np.array([1.0, 3.0, 3.0]), np.array([0.0, 1.0, 3.0, 9.0])
    pairs = [(a > b) + (a == b) / 2 for a in inside for b in outside]
    assert area(inside, outside) == pytest.approx(np.mean(pairs))
    assert isnan(area(inside, outside[:0]))
