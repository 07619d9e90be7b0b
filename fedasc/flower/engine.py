"""Running a night through Flower: on Ray, or all in this process."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from flwr.clientapp import ClientApp
from flwr.simulation import run_simulation

from fedasc.aggregators.aggregator import Aggregator
from fedasc.device import Devices
from fedasc.execution import ALL_CPUS, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.cluster import CLIENT_CPUS, RayWorkers, open_cluster
from fedasc.flower.cohorts import Cohorts, even_cohorts
from fedasc.flower.grids import LocalGrid, Watch, WatchedGrid, unwatched
from fedasc.flower.server_app import make_server_app, serve
from fedasc.flower.shared import Here, Shared, put
from fedasc.flower.strategy import NightStrategy
from fedasc.night import BEGINNING, Night, Observer, State
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.simulated import SimulatedDevices
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.workers import ALONE, Workers

logger = logging.getLogger(__name__)

MakeApp = Callable[[Shared[Devices], Cohorts], ClientApp]


def run_flower(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    execution: Execution = ALL_CPUS,
    probes: Sequence[Probe] = (),
    state: State = BEGINNING,
    observers: Sequence[Observer] = (),
    timeout_s: float = 3600.0,
    make_app: MakeApp = make_client_app,
    watch: Watch = unwatched,
    progress: Progress = quiet,
) -> list[Night]:
    """Simulate all nights with messages; bitwise what `fedasc.night.run_nights` gives.

    Args:
        execution: Who computes it; changes no result.
        probes: What to find out of every device after each night.
        state: Where to begin; all nights before it are left out.
        observers: Called after every night, in the process that called this.
        timeout_s: How long devices may take for each phase.
        make_app: Makes the devices, other than the usual ones for tests.
        watch: Sees every message.

    Raises:
        RunError: If a device failed or stayed silent, or there is no cluster.
    """
    check_pair(aggregator, strategy)
    if aggregator.sends_raw:
        logger.warning(
            "aggregator %r sends what was heard, as it is: a ceiling for comparisons, not for use",
            aggregator.name,
        )
    n_devices, n_nights = len(scenario.users), scenario.nights.n_nights
    devices = SimulatedDevices(
        scenario=scenario,
        aggregator=aggregator,
        release=release,
        training=strategy.device_training(),
    )
    server = replace(server, torch_device=execution.torch_device)
    stopped = threading.Event()

    def night_strategy(cohorts: Cohorts, workers: Workers) -> NightStrategy:
        return NightStrategy(
            scenario, server, aggregator, release, strategy,
            cohorts=cohorts, probes=probes, state=state, observers=observers,
            workers=workers, progress=progress,
        )  # fmt: skip

    def cohorts_for(n_workers: int) -> Cohorts:
        if execution.per_node is None:
            return even_cohorts(n_devices, n_workers)
        return Cohorts(n_devices, execution.per_node)

    if execution.engine == "local":
        cohorts = cohorts_for(1)
        nights = night_strategy(cohorts, ALONE)
        grid = WatchedGrid(
            LocalGrid(make_app(Here(devices), cohorts), cohorts.n_nodes),
            watch=watch,
            progress=progress,
            stopped=stopped,
        )
        with _quiet_flower():
            serve(
                nights,
                grid,
                n_nights=n_nights,
                n_nodes=cohorts.n_nodes,
                timeout_s=timeout_s,
                stopped=stopped,
            )
        return nights.nights

    with _quiet_flower(), open_cluster(execution.n_workers, execution.address) as cluster:
        workers = RayWorkers(cluster, torch_device=server.torch_device, stopped=stopped)
        cohorts = cohorts_for(cluster.n_cpus)
        nights = night_strategy(cohorts, workers)
        server_app = make_server_app(
            nights,
            n_nights=n_nights,
            n_nodes=cohorts.n_nodes,
            timeout_s=timeout_s,
            stopped=stopped,
            watch=watch,
            progress=progress,
        )
        try:
            run_simulation(
                server_app,
                make_app(put(devices), cohorts),
                num_supernodes=cohorts.n_nodes,
                backend_config={
                    "client_resources": {"num_cpus": CLIENT_CPUS, "num_gpus": 0.0},
                },
            )
        finally:
            stopped.set()  # the server app has a thread of its own, which Ctrl-C doesn't reach
    return nights.nights


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
