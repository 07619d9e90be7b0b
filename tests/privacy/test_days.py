from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.corpus.windows import Windows
from fedasc.population.sources import SourceCounts
from fedasc.privacy import days
from fedasc.privacy.days import day, night_contents
from fedasc.privacy.mechanism import Mechanism
from fedasc.simulated import SimulatedDevices
from fedasc.testing.bits import bits_of
from tests.worlds import AGGREGATOR, N_HEARD, RELEASE, groups_of, tiny_world


def mechanism() -> Mechanism:
    server = tiny_world().server
    return Mechanism(
        aggregator=AGGREGATOR, release=RELEASE, classifier=server.baseline, public=server.public
    )


@pytest.fixture
def not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be heard takes the place of its features."""

    def drawn(_: Any, draw: Callable[[], Windows], **__: Any) -> Windows:
        return draw()

    monkeypatch.setattr("fedasc.simulated.heard_once", drawn)
    monkeypatch.setattr(days, "heard_once", drawn)


@pytest.mark.usefixtures("not_heard")
@pytest.mark.parametrize("n_sources", [None, 1])
def test_another_day_is_of_the_same_recordings_or_of_others_of_the_same_types(
    n_sources: int | None,
) -> None:
    scenario, pool = tiny_world().scenario, tiny_world().pool
    counts = SourceCounts(noise=n_sources, music=n_sources, speech=n_sources)
    users = [replace(user, n_sources=counts) for user in scenario.users]
    listening = replace(scenario.listening, n_heard=300)  # so that each recording is heard
    scenario = replace(scenario, users=users, listening=listening)
    for index in (0, 1):
        tonight, later, other = (
            cast(Windows, day(scenario, index, night=night, other_recordings=other))
            for night, other in ((0, False), (1, False), (1, True))
        )
        assert groups_of(tiny_world(), tonight) == groups_of(tiny_world(), later)
        assert not np.array_equal(tonight.clip, later.clip)
        assert not groups_of(tiny_world(), tonight) & groups_of(tiny_world(), other)
        kinds = [
            {pool.recordings[clip].type for clip in windows.clip} for windows in (tonight, other)
        ]
        if n_sources is None:
            assert kinds[0] == kinds[1]
        else:
            assert len(groups_of(tiny_world(), other)) <= 3 * n_sources
        assert len(other) == 300


def test_a_night_is_that_of_the_simulation_and_users_may_be_done_in_chunks() -> None:
    scenario, server = tiny_world().scenario, tiny_world().server
    devices = SimulatedDevices(
        scenario=scenario, aggregator=AGGREGATOR, release=RELEASE, public=server.public
    )
    for night in (0, 1):
        together = night_contents(scenario, mechanism(), [0, 1, 2], night)
        alone = night_contents(scenario, mechanism(), [2], night)
        summary = devices.summarise(2, server.baseline, night=night)
        assert summary
        assert bits_of(together[2]) == bits_of(alone[0]) == bits_of(summary.content)


def test_other_recordings_make_another_release() -> None:
    scenario = tiny_world().scenario
    first, second = (
        night_contents(scenario, mechanism(), [0], night, other_recordings=other)[0]
        for night, other in ((1, False), (1, True))
    )
    assert isinstance(first, Mixture)
    assert isinstance(second, Mixture)
    assert bits_of(first) != bits_of(second)
    heard = day(scenario, 0, night=1, other_recordings=True)
    assert heard.x.shape == (N_HEARD, 45)
