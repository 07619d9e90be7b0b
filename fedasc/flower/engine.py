"""Running a night through Flower: on Ray, or all in this process."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial

from flwr.app import ArrayRecord
from flwr.clientapp import ClientApp

from fedasc.aggregators.aggregator import Aggregator
from fedasc.device import Devices
from fedasc.execution import ALL_CPUS, Execution
from fedasc.flower.client_app import make_client_app
from fedasc.flower.cluster import Cluster, RayWorkers, open_cluster
from fedasc.flower.cohorts import Cohorts, even_cohorts
from fedasc.flower.grids import Carrier, LocalCarrier, Watch, WatchedGrid, unwatched
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
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.workers import ALONE, Workers

logger = logging.getLogger(__name__)

MakeApp = Callable[[Shared[Devices]], ClientApp]
MakeCarrier = Callable[[int], Carrier]


def run_flower(
    scenario: Scenario,
    server: Server,
    *,
    aggregator: Aggregator,
    release: Release,
    strategy: Strategy,
    execution: Execution = ALL_CPUS,
    cluster: AbstractContextManager[Cluster] | None = None,
    probes: Sequence[Probe] = (),
    state: State = BEGINNING,
    observers: Sequence[Observer] = (),
    make_app: MakeApp = make_client_app,
    watch: Watch = unwatched,
    progress: Progress = quiet,
) -> list[Night]:
    """Simulate all nights with messages; bitwise what `fedasc.night.run_nights` gives.

    Args:
        execution: Who computes it, and when devices are given up.
        cluster: Where, if Ray was started before.
        probes: What to find out of every device after each night.
        state: Where to begin; all nights before it are left out.
        observers: Called after every night, in the process that called this.
        make_app: Makes the devices, other than the usual ones for tests.
        watch: Sees every message.

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
    server = replace(server, torch_device=execution.torch_device)

    def serve(carrier: MakeCarrier, n_workers: int, workers: Workers) -> list[Night]:
        n_devices, per_node = len(scenario.users), execution.per_node
        cohorts = Cohorts(n_devices, per_node) if per_node else even_cohorts(n_devices, n_workers)
        nights = NightStrategy(
            scenario, server, aggregator, release, strategy,
            cohorts=cohorts, probes=probes, state=state, observers=observers,
            timeout_s=execution.timeout_s, quorum=execution.quorum,
            workers=workers, progress=progress,
        )  # fmt: skip
        grid = WatchedGrid(
            carrier(cohorts.n_nodes), cohorts.n_nodes, watch=watch, progress=progress
        )
        progress("starting Ray", 1, 1)
        if n_left := scenario.nights.n_nights - state.night:
            nights.start(grid, ArrayRecord(), num_rounds=n_left, timeout=execution.timeout_s)
        return nights.nights

    with _quiet_flower():
        if execution.engine == "local":
            return serve(partial(LocalCarrier, make_app(Here(devices))), 1, ALONE)
        with cluster or open_cluster(execution.n_workers, execution.address) as opened:
            app = make_app(put(devices))
            return serve(
                partial(RayCarrier, app, opened, timeout_s=execution.timeout_s),
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
