"""Flower's own simulation engine, as `flwr run .` starts it: the same nights, carried by Flower.

The devices of a simulation are made by the server app, which knows the world, and lie in a file of
the run's folder as long as it works. A client app finds it by the run's number.
"""

import pickle
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from fedasc.atomic import replaced
from fedasc.device import Devices
from fedasc.errors import RunError
from fedasc.flower.client_app import make_client_app
from fedasc.flower.grids import MakeGrid
from fedasc.flower.shared import Here

RunConfig = Mapping[str, Any]
Main = Callable[[RunConfig, Path, MakeGrid], None]
"""Takes the run's configuration, a folder for its results, and what carries messages."""

_FILE = ".devices"
_WAIT_S = 60.0
_PAUSE_S = 0.2


def make_server_app(main: Main) -> ServerApp:
    """A server app that does what `main` does; an error of it fails Flower's run."""
    app = ServerApp()

    @app.main()
    def serve(grid: Grid, context: Context) -> None:
        folder = folder_of(context)

        def make_grid(devices: Devices) -> Grid:
            with replaced(folder / _FILE) as file:
                file.write(pickle.dumps(devices))
            _wait_for_nodes(grid)
            return grid

        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            main(context.run_config, folder, make_grid)
        finally:
            (folder / _FILE).unlink(missing_ok=True)

    return app


def make_simulated_client_app() -> ClientApp:
    """A client app whose devices are those that the server app of its run has made."""
    app = ClientApp()

    def answer(message: Message, context: Context) -> Message:
        return _client_app(folder_of(context))(message, context)

    app.train()(answer)
    app.query()(answer)
    app.evaluate()(answer)
    return app


def folder_of(context: Context) -> Path:
    """The folder of a run's results, by its number below the folder `out` of its configuration."""
    return Path(str(context.run_config["out"])).expanduser() / str(context.run_id)


@lru_cache(maxsize=1)
def _client_app(folder: Path) -> ClientApp:
    devices = pickle.loads((folder / _FILE).read_bytes())  # of this run's own server app
    return make_client_app(Here(devices))


def _wait_for_nodes(grid: Grid) -> None:
    """At the start there may be none yet.

    Raises:
        RunError: If none comes.
    """
    ends = time.monotonic() + _WAIT_S
    while not [*grid.get_node_ids()]:
        if time.monotonic() > ends:
            raise RunError(f"Flower has had no nodes for {_WAIT_S:.0f} s")
        time.sleep(_PAUSE_S)
