from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import pytest

from fedasc.admission import admission_for
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.summary import Summary
from fedasc.attacks.attack import Attack, AttackName
from fedasc.release.release import Release
from fedasc.simulated import SimulatedDevices
from fedasc.testing.bits import bits_of
from tests.worlds import AGGREGATOR, N_HEARD, RELEASE, tiny_world


def sent(
    name: AttackName = "none", share: float = 0.5, *, night: int = 0
) -> tuple[frozenset[int], Mapping[int, Summary]]:
    """Who attacks, and what every device sends."""
    world = tiny_world()
    scenario = replace(world.scenario, attack=Attack(name=name, share=share))
    devices = SimulatedDevices(
        scenario=scenario, aggregator=AGGREGATOR, release=RELEASE, public=world.server.public
    )
    made = {n: devices.summarise(n, world.server.baseline, night=night) for n in range(4)}
    summaries = {n: summary for n, summary in made.items() if summary}
    assert {one.n_windows for one in summaries.values()} == {N_HEARD}
    return scenario.attackers, summaries


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_attackers_send_something_else_and_nobody_else_does(share: float) -> None:
    (_, honest), (attackers, some) = sent(), sent("far", share)
    assert len(attackers) == max(1, 4 * share)
    others = {n for n in honest if bits_of(some[n].arrays) != bits_of(honest[n].arrays)}
    assert others == attackers


def test_every_attacker_has_draws_of_its_own_on_each_night() -> None:
    corners = set()
    for night in (0, 1, 0):
        attackers, some = sent("far", night=night)
        for device in attackers:
            content = some[device].content
            assert isinstance(content, Mixture)
            corners.add((content.means[0] > tiny_world().server.baseline.mean).tobytes())
    assert len(corners) == 2 * 2


def test_sybils_draw_together() -> None:
    (attackers, some), (_, later) = sent("sybil"), sent("sybil", night=1)
    for summaries in (some, later):
        assert len({str(bits_of(summaries[device].arrays)) for device in attackers}) == 1
    assert bits_of(some[min(attackers)].arrays) != bits_of(later[min(attackers)].arrays)


@pytest.mark.parametrize(
    "aggregator",
    [AGGREGATOR, SceneGaussiansAggregator(n_components=2), SelfTrainedAggregator()],
)
@pytest.mark.parametrize("bits", [32, 8])
def test_what_attackers_send_is_let_in(aggregator: Aggregator, bits: int) -> None:
    world, release = tiny_world(), Release(min_windows=1, bits=bits)
    admission = admission_for(world.scenario, world.server, aggregator, release)
    for name in get_args(AttackName):
        scenario = replace(world.scenario, attack=Attack(name=name, share=0.5))
        devices = SimulatedDevices(
            scenario=scenario, aggregator=aggregator, release=release, public=world.server.public
        )
        for device in scenario.attackers:
            summary = devices.summarise(device, world.server.baseline)
            assert summary
            admission.check(device, summary)
