from dataclasses import replace

import pytest

from fedasc.attacks.attack import Attack
from fedasc.simulated import SimulatedDevices
from fedasc.testing.bits import bits_of
from tests.worlds import AGGREGATOR, N_HEARD, RELEASE, tiny_world


def sent(attack: Attack, *, night: int = 0) -> tuple[frozenset[int], dict[int, object]]:
    """Who attacks, and what every device sends."""
    world = tiny_world()
    scenario = replace(world.scenario, attack=attack)
    devices = SimulatedDevices(scenario=scenario, aggregator=AGGREGATOR, release=RELEASE)
    summaries = {n: devices.summarise(n, world.server.baseline, night=night) for n in range(4)}
    assert {one.n_windows for one in summaries.values() if one} == {N_HEARD}
    return scenario.attackers, {n: bits_of(dict(one.arrays)) for n, one in summaries.items() if one}


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_attackers_send_something_else_and_nobody_else_does(share: float) -> None:
    _, honest = sent(Attack())
    attackers, some = sent(Attack(name="far", share=share))
    assert len(attackers) == max(1, 4 * share)
    assert {device for device in honest if some[device] != honest[device]} == attackers


def test_the_draws_of_attackers_are_those_of_the_night_and_the_device() -> None:
    far = Attack(name="far", share=0.5)
    (attackers, some), (_, again), (_, later) = sent(far), sent(far), sent(far, night=1)
    assert some == again
    assert len({str(sent[device]) for device in attackers for sent in (some, later)}) == 4
