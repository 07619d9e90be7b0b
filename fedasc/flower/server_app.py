"""The server app: waits for the nodes, then runs the nights."""

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
    n_nodes: int,
    timeout_s: float,
    watch: Watch = unwatched,
    progress: Progress = quiet,
) -> ServerApp:
    """A server app that runs one night.

    Args:
        n_nodes: How many nodes to wait for; Flower starts the server before them.
        timeout_s: How long to wait for the nodes, and for the replies of each phase.
        watch: Sees every message.
    """
    app = ServerApp()

    @app.main()
    def main(grid: Grid, context: Context) -> None:
        serve(strategy, grid, n_nodes=n_nodes, timeout_s=timeout_s, watch=watch, progress=progress)

    return app


def serve(
    strategy: NightStrategy,
    grid: Grid,
    *,
    n_nodes: int,
    timeout_s: float,
    watch: Watch,
    progress: Progress,
) -> None:
    """Run one night over a grid.

    Raises:
        RunError: If nodes don't appear in time.
    """
    watched = WatchedGrid(grid, watch=watch, progress=progress)
    ends = time.monotonic() + timeout_s
    while (n_found := len(list(watched.get_node_ids()))) < n_nodes:
        if time.monotonic() > ends:
            raise RunError(f"only {n_found} of {n_nodes} nodes appeared within {timeout_s:g} s")
        time.sleep(_POLL_S)
    strategy.start(watched, ArrayRecord(), num_rounds=1, timeout=timeout_s)
