import threading
import time
from collections.abc import Iterable

import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from fedasc.errors import RunError
from fedasc.flower.engine import Engine, run_flower_night
from fedasc.flower.grids import LocalGrid, WatchedGrid, unwatched
from fedasc.flower.server_app import serve
from fedasc.flower.strategy import NightStrategy
from fedasc.night import run_night
from fedasc.progress import quiet
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.world import World
from tests.flower.conftest import Fly, app_of
from tests.worlds import AGGREGATOR, N_USERS, content_of

ON_RAY = (pytest.mark.ray, pytest.mark.filterwarnings("ignore"))


@pytest.mark.parametrize(
    ("engine", "n_workers", "per_node"),
    [
        ("local", 1, 1),
        ("local", 2, 1),
        ("local", 1, 3),
        ("local", 1, 50),
        pytest.param("ray", 1, 1, marks=ON_RAY),
        pytest.param("ray", 2, 1, marks=ON_RAY),
        pytest.param("ray", 2, 2, marks=ON_RAY),
    ],
)
def test_a_night_with_messages_is_bitwise_one_without(
    world: World, fly: Fly, engine: Engine, n_workers: int, per_node: int
) -> None:
    expected = run_night(
        world.scenario, world.server, aggregator=AGGREGATOR, strategy=PersonalisedStrategy()
    )
    assert content_of(fly(engine, n_workers, per_node).night) == content_of(expected)


def app_with_a_broken_device(world: World) -> ClientApp:
    usual, app = app_of(world), ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        if context.node_config["partition-id"] == 2:
            raise ValueError("microphone broken")
        return usual(message, context)

    return app


@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=ON_RAY)])
def test_a_broken_device_ends_the_run_with_its_reason(world: World, engine: Engine) -> None:
    with pytest.raises(RunError, match=r"1 of 4 devices are missing.*microphone broken"):
        run_flower_night(
            world.scenario,
            world.server,
            aggregator=AGGREGATOR,
            strategy=PersonalisedStrategy(),
            engine=engine,
            timeout_s=30,
            make_app=lambda *_: app_with_a_broken_device(world),
        )


class SilentNodes(LocalGrid):
    """Some nodes never answer."""

    def __init__(self, app: ClientApp, n_nodes: int, silent: set[int]) -> None:
        super().__init__(app, n_nodes)
        self._silent = silent

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        messages = list(messages)
        pushed = list(super().push_messages(messages))
        for number, message in zip(pushed, messages, strict=True):
            if message.metadata.dst_node_id in self._silent:
                del self._waiting[number]
        return pushed


def serve_over(
    world: World, grid: LocalGrid, *, timeout_s: float, stopped: threading.Event | None = None
) -> None:
    stopped = stopped or threading.Event()
    serve(
        NightStrategy(world.scenario, world.server, PersonalisedStrategy()),
        WatchedGrid(grid, watch=unwatched, progress=quiet, stopped=stopped),
        n_nodes=N_USERS,
        timeout_s=timeout_s,
        stopped=stopped,
    )


@pytest.mark.parametrize("silent", [{3}, {1, 4}, {1, 2, 3, 4}])
def test_devices_that_stay_silent_end_the_run_when_time_is_up(
    world: World, silent: set[int]
) -> None:
    grid = SilentNodes(app_of(world), N_USERS, silent)
    began = time.monotonic()
    with pytest.raises(RunError, match=rf"{len(silent)} of 4 .* no answer in time"):
        serve_over(world, grid, timeout_s=0.8)
    assert 0.8 <= time.monotonic() - began < 5


def test_nodes_that_never_appear_end_the_run_when_time_is_up(world: World) -> None:
    grid = LocalGrid(app_of(world), N_USERS - 1)
    with pytest.raises(RunError, match="only 3 of 4 nodes"):
        serve_over(world, grid, timeout_s=0.1)


@pytest.mark.parametrize("n_nodes", [N_USERS - 1, N_USERS])
def test_a_run_that_is_stopped_waits_for_nobody(world: World, n_nodes: int) -> None:
    stopped = threading.Event()
    stopped.set()
    grid = LocalGrid(app_of(world), n_nodes)
    began = time.monotonic()
    with pytest.raises(RunError):
        serve_over(world, grid, timeout_s=60, stopped=stopped)
    assert time.monotonic() - began < 5
