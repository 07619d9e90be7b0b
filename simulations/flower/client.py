"""The client app of `flwr run .`; see `[tool.flwr.app]` in pyproject.toml."""

from fedasc.flower.simulation import make_simulated_client_app

app = make_simulated_client_app()
