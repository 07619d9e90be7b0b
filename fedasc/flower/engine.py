"""Running a night through Flower: on Ray, or all in this process."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from flwr.app import ArrayRecord
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid

from fedasc.aggregators.aggregator import Aggregator
from fedasc.device import Devices
from fedasc.execution import ALL_CPUS, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.cluster import Cluster, RayWorkers, open_cluster
from fedasc.flower.grids import Carrier, LocalCarrier, MakeGrid, Watch, WatchedGrid, unwatched
from fedasc.flower.hosts import Hosts, even_hosts
from fedasc.flower.ray_carrier import RayCarrier
from fedasc.flower.shared import Here, Shared, put
from fedasc.flower.strategy import NightStrategy
from fedasc.night import BEGINNING, Night, Observer, State
from fedasc.probes.probe import Probe
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.simulated import SimulatedDevices
from fedasc.states import InMemory, States
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.workers import ALONE, Workers

logger = logging.getLogger(__name__)

MakeApp = Callable[[Shared[Devices]], ClientApp]
MakeCarrier = Callable[[int], Carrier]


def run_flower(
    scenario: Scenario,
    server: Server,
    *,
    state: State = BEGINNING,
    observers: Sequence[Observer] = (),
    **how: Any,
) -> list[Night]:
    """Simulate all nights with messages; bitwise what `fedasc.night.run_nights` gives.

    Args:
        state: Where to begin if there is one cohort; all nights before it are left out.
        observers: Called after every night.
        how: The rest, as of `fly`.

    Returns:
        Night after night; of cohorts if there are several.
    """
    nights: list[Night] = []

    def gather(night: Night, left: State) -> None:
        nights.append(night)

    fly(scenario, server, states=InMemory({0: state}), observers=(gather, *observers), **how)
    return nights


def fly(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    states: States,
    execution: Execution = ALL_CPUS,
    cluster: AbstractContextManager[Cluster] | None = None,
    probes: Sequence[Probe] = (),
    observers: Sequence[Observer] = (),
    make_app: MakeApp = make_client_app,
    make_grid: MakeGrid | None = None,
    watch: Watch = unwatched,
    then: Callable[[Workers], None] = lambda workers: None,
    progress: Progress = quiet,
) -> None:
    """Simulate all nights with messages, and hold no more of them than a cohort at a time.

    Args:
        states: Where to begin, and where it is kept what nights leave.
        execution: Who computes it, and when devices are given up.
        cluster: Where, if Ray was started before.
        probes: What to find out of every device after each night.
        observers: Called after every night, or cohort of it, in the process that called this.
        make_app: Makes the devices, other than the usual ones for tests.
        make_grid: Makes what carries messages, if that isn't fedasc's own: then the engine of the
            execution, and who watches, are of no account.
        watch: Sees every message.
        then: Called at the end, while those are still there who worked for the server.

    Raises:
        RunError: If too many devices are lost in a night, or there is no cluster.
    """
    check_pair(aggregator, strategy)
    if aggregator.sends_raw:
        logger.warning(
            "aggregator %r sends what was heard, as it is: a ceiling for comparisons, not for use",
            aggregator.name,
        )
    devices = SimulatedDevices(
        scenario=scenario,
        aggregator=aggregator,
        release=release,
        public=server.public,
        training=strategy.device_training(),
    )
    server = server.still(torch_device=execution.torch_device)

    def serve(carrier: MakeCarrier | Grid, n_workers: int, workers: Workers) -> None:
        n_devices, per_node = len(scenario.users), execution.per_node
        hosts = (
            Hosts(n_devices, per_node)
            if per_node
            else even_hosts(n_devices, n_workers, n_at_once=execution.per_cohort)
        )
        nights = NightStrategy(
            scenario, server, aggregator, release, strategy,
            hosts=hosts, per_cohort=execution.per_cohort, probes=probes, states=states,
            observers=observers, timeout_s=execution.timeout_s, quorum=execution.quorum,
            workers=workers, progress=progress,
        )  # fmt: skip
        grid = (
            carrier
            if isinstance(carrier, Grid)
            else WatchedGrid(
                carrier(hosts.n_nodes), hosts.n_nodes, watch=watch, progress=nights.progress
            )
        )
        progress("starting Ray", 1, 1)
        if nights.n_rounds:
            nights.start(
                grid, ArrayRecord(), num_rounds=nights.n_rounds, timeout=execution.timeout_s
            )
        then(workers)

    with _quiet_flower():
        if make_grid:
            serve(make_grid(devices), execution.n_workers, ALONE)
            return
        if execution.engine == "local":
            serve(partial(LocalCarrier, make_app(Here(devices))), 1, ALONE)
            return
        with cluster or open_cluster(execution.n_workers, execution.address) as opened:
            app = make_app(put(devices))
            serve(
                partial(RayCarrier, app, opened.processes, timeout_s=execution.timeout_s),
                opened.n_cpus,
                RayWorkers(opened, torch_device=server.torch_device),
            )


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
