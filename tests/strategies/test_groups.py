from collections.abc import Mapping

import numpy as np
import pytest

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.strategies.groups import Groups, grouped
from tests.strategies.contents import around, by_scene
from tests.strategies.servers import SERVER, STREAMS

PLACES = {9: -40.0, 1: -10.0, 4: -40.0, 2: 20.0, 7: -10.0, 3: -40.0}
"""Where what each device knows lies: three of them on one place, two on another, one alone."""
CLUSTERS = [[1, 7], [2], [3, 4, 9]]


def known(kind: str = "mixtures") -> Mapping[int, Content]:
    rng = np.random.default_rng(4)
    contents: dict[int, Content] = {}
    for device, place in PLACES.items():
        mixture = around(place + rng.normal(0, 0.2), place + 3 + rng.normal(0, 0.2), spread=3)
        if kind == "features":
            contents[device] = Features(mixture.sample(20 + device, rng=rng))
        else:
            contents[device] = by_scene(mixture, 0, 1) if kind == "scene mixtures" else mixture
    return contents


def groups_of(
    groups: Groups, contents: Mapping[int, Content], *, n_clusters: int = 3
) -> list[list[int]]:
    return grouped(contents, groups, n_clusters=n_clusters, server=SERVER, streams=STREAMS)


def test_each_device_may_be_by_itself() -> None:
    assert groups_of("each", known()) == [[1], [2], [3], [4], [7], [9]]


def test_all_may_be_together() -> None:
    assert groups_of("all", known()) == [[1, 2, 3, 4, 7, 9]]


@pytest.mark.parametrize("kind", ["mixtures", "scene mixtures", "features"])
def test_those_that_are_alike_may_be_together(kind: str) -> None:
    assert groups_of("clusters", known(kind)) == CLUSTERS


@pytest.mark.parametrize("groups", ["each", "all", "clusters"])
def test_the_order_of_arrival_changes_nothing(groups: Groups) -> None:
    backwards = {device: known()[device] for device in sorted(PLACES, reverse=True)}
    assert groups_of(groups, backwards) == groups_of(groups, known())


@pytest.mark.parametrize("n_clusters", [6, 50])
def test_as_many_clusters_as_devices_leave_everyone_alone(n_clusters: int) -> None:
    assert groups_of("clusters", known(), n_clusters=n_clusters) == groups_of("each", known())


def test_one_cluster_holds_everybody() -> None:
    assert groups_of("clusters", known(), n_clusters=1) == groups_of("all", known())
