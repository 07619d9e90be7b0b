"""The server app: waits for the nodes, then runs the nights."""

import threading
import time

from flwr.app import ArrayRecord, Context
from flwr.serverapp import Grid, ServerApp

from fedasc.errors import RunError
from fedasc.flower.grids import Watch, WatchedGrid, unwatched
from fedasc.flower.strategy import NightStrategy
from fedasc.progress import Progress, quiet

_POLL_S = 0.05


def make_server_app(
    strategy: NightStrategy,
    *,
    n_nights: int,
    n_nodes: int,
    timeout_s: float,
    stopped: threading.Event,
    watch: Watch = unwatched,
    progress: Progress = quiet,
) -> ServerApp:
    """A server app that runs nights.

    Args:
        n_nights: In all; the strategy knows at which one it begins.
        n_nodes: How many nodes to wait for; Flower starts the server before them.
        timeout_s: How long to wait for the nodes, and for the replies of each phase.
        stopped: Set when the engine has ended, so that nothing is waited for any more.
        watch: Sees every message.
    """
    app = ServerApp()

    @app.main()
    def main(grid: Grid, context: Context) -> None:
        watched = WatchedGrid(grid, watch=watch, progress=progress, stopped=stopped)
        serve(
            strategy,
            watched,
            n_nights=n_nights,
            n_nodes=n_nodes,
            timeout_s=timeout_s,
            stopped=stopped,
        )

    return app


def serve(
    strategy: NightStrategy,
    grid: Grid,
    *,
    n_nights: int,
    n_nodes: int,
    timeout_s: float,
    stopped: threading.Event,
) -> None:
    """Run nights over a grid.

    Raises:
        RunError: If nodes don't appear in time.
    """
    ends = time.monotonic() + timeout_s
    while (n_ready := len(list(grid.get_node_ids()))) < n_nodes:
        if time.monotonic() > ends or stopped.is_set():
            raise RunError(f"only {n_ready} of {n_nodes} nodes appeared within {timeout_s:g} s")
        time.sleep(_POLL_S)
    strategy.start_from(grid, timeout_s=timeout_s)
    if n_left := n_nights - strategy.state.night:
        strategy.start(grid, ArrayRecord(), num_rounds=n_left, timeout=timeout_s)
