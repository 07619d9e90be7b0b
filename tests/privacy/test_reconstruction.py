from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features, FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.privacy.days import day
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.reconstruction import nearest, reconstruction
from tests.worlds import N_HEARD, RELEASE, tiny_world


def told(aggregator: Aggregator, index: int = 0) -> Mapping[str, float]:
    world = tiny_world()
    mechanism = Mechanism(
        aggregator=aggregator,
        release=RELEASE,
        classifier=world.server.baseline,
        public=world.server.public,
    )
    return reconstruction(world.scenario, world.server, mechanism, index)


@pytest.mark.parametrize(
    "aggregator",
    [FeaturesAggregator(), GmmAggregator(n_components=N_HEARD, min_windows=1)],
    ids=["features", "a component for each window"],
)
def test_windows_that_were_sent_are_given_away(aggregator: Aggregator) -> None:
    figures = told(aggregator)
    assert figures["ratio"] < 0.2
    assert figures["not heard"] > 0.3


def test_what_was_made_without_her_is_as_near_to_what_she_did_not_hear() -> None:
    world = tiny_world()

    class Public(NothingAggregator):
        """Sends windows that the server has, whatever was heard."""

        def summarise(self, *_: Any, **__: Any) -> Content:  # type: ignore[override]
            return Features(world.server.comprehensive_set.training.x)

    ratios = [told(Public(), index)["ratio"] for index in range(4)]
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)
    figures = told(MomentsAggregator())
    assert figures["heard"] == pytest.approx(figures["ratio"] * figures["not heard"])


def test_distances_are_in_deviations_of_the_servers_data() -> None:
    world = tiny_world()
    mean, deviation = world.server.scale
    heard, other = ((day(world.scenario, 0, night=night).x - mean) / deviation for night in (0, 1))
    figures = told(FeaturesAggregator())
    there = cKDTree(other).query(heard)[0]
    assert figures["not heard"] == pytest.approx(np.median(there))
    around = np.asarray(cKDTree(heard).query(heard, k=2)[0])
    assert figures["windows"] == pytest.approx(np.median(around[:, 1]))
    assert figures["heard"] == nearest(heard, heard) == 0.0


@pytest.mark.parametrize("aggregator", [NothingAggregator(), SelfTrainedAggregator()])
def test_what_has_no_points_reconstructs_nothing(aggregator: Aggregator) -> None:
    assert all(map(isnan, told(aggregator).values()))
