"""Running a night through Flower: on Ray, or all in this process."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from flwr.clientapp import ClientApp
from flwr.simulation import run_simulation

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.flower.client_app import make_client_app
from fedasc.flower.cohorts import Cohorts, even_cohorts
from fedasc.flower.grids import LocalGrid, Watch, WatchedGrid, unwatched
from fedasc.flower.server_app import make_server_app, serve
from fedasc.flower.strategy import NightStrategy
from fedasc.night import Night
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.strategies.personalised import PersonalisedStrategy

Engine = Literal["ray", "local"]


def run_flower_night(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: GmmAggregator,
    strategy: PersonalisedStrategy,
    engine: Engine = "ray",
    n_workers: int = 1,
    per_node: int | None = None,
    timeout_s: float = 3600.0,
    client_app: ClientApp | None = None,
    watch: Watch = unwatched,
    progress: Progress = quiet,
) -> Night:
    """Simulate one night with messages; bitwise what `fedasc.night.run_night` gives.

    Args:
        engine: ray for processes side by side, local for one process.
        n_workers: Processes of Ray, and devices that the server works for at a time.
        per_node: Devices that a node hosts; chosen to keep messages few if None. Changes no result.
        timeout_s: How long each phase may take.
        client_app: In place of the usual devices, for tests.
        watch: Sees every message.

    Raises:
        RunError: If a device failed or stayed silent.
    """
    n_devices = len(scenario.users)
    cohorts = (
        even_cohorts(n_devices, n_workers) if per_node is None else Cohorts(n_devices, per_node)
    )
    n_nodes = cohorts.n_nodes
    app = client_app or make_client_app(scenario, aggregator, cohorts)
    night = NightStrategy(
        scenario, server, strategy, cohorts=cohorts, n_threads=n_workers, progress=progress
    )
    stopped = threading.Event()
    with _quiet_flower():
        if engine == "local":
            grid = WatchedGrid(
                LocalGrid(app, n_nodes), watch=watch, progress=progress, stopped=stopped
            )
            serve(night, grid, n_nodes=n_nodes, timeout_s=timeout_s, stopped=stopped)
        else:
            server_app = make_server_app(
                night,
                n_nodes=n_nodes,
                timeout_s=timeout_s,
                stopped=stopped,
                watch=watch,
                progress=progress,
            )
            try:
                run_simulation(
                    server_app,
                    app,
                    num_supernodes=n_nodes,
                    backend_config={
                        "init_args": {
                            "num_cpus": n_workers,
                            "log_to_driver": False,
                            "logging_level": "ERROR",
                        },
                        "client_resources": {"num_cpus": 1, "num_gpus": 0.0},
                    },
                )
            finally:
                stopped.set()  # the server app has a thread of its own, which Ctrl-C doesn't reach
    return night.night


@contextmanager
def _quiet_flower() -> Iterator[None]:
    """Flower tells every step on the terminal; errors come back in replies."""
    logger = logging.getLogger("flwr")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
