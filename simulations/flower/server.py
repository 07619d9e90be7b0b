"""The server app of `flwr run .`; see `[tool.flwr.app]` in pyproject.toml."""

from fedasc.cli.flower import simulate
from fedasc.flower.simulation import make_server_app

app = make_server_app(simulate)
