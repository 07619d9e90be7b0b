from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest
from flwr.app import Message
from flwr.clientapp import ClientApp

from fedasc.aggregators.aggregator import Aggregator
from fedasc.execution import Engine, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.engine import run_flower
from fedasc.flower.shared import Here
from fedasc.night import Night
from fedasc.release.release import Release
from fedasc.simulated import SimulatedDevices
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.worlds import AGGREGATOR, RELEASE, tiny_world


@dataclass(frozen=True)
class Flown:
    """A night that went through Flower, and every message of it."""

    night: Night
    messages: tuple[Message, ...]


Fly = Callable[..., Flown]


def app_of(
    world: World,
    aggregator: Aggregator = AGGREGATOR,
    release: Release = RELEASE,
) -> ClientApp:
    """The usual client app in this process."""
    devices = SimulatedDevices(
        scenario=world.scenario, aggregator=aggregator, release=release, public=world.server.public
    )
    return make_client_app(Here(devices))


@pytest.fixture(scope="session")
def world() -> World:
    return tiny_world()


@pytest.fixture(scope="session")
def fly(world: World, tmp_path_factory: pytest.TempPathFactory) -> Fly:
    """Runs a night with an engine, so many workers and devices per node, each only once."""

    @cache
    def flown(engine: Engine, n_workers: int, per_node: int = 1) -> Flown:
        messages: list[Message] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("flown")))
            (night,) = run_flower(
                world.scenario,
                world.server,
                aggregator=AGGREGATOR,
                release=RELEASE,
                strategy=PersonalisedStrategy(),
                execution=Execution(engine=engine, n_workers=n_workers, per_node=per_node),
                watch=messages.append,
            )
        return Flown(night, tuple(messages))

    return flown
