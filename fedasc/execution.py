"""How a run is computed, which changes none of its results."""

import os
from dataclasses import dataclass
from typing import Literal

from fedasc.config import check_choices
from fedasc.errors import SettingsError

Engine = Literal["ray", "local"]


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Who computes a run, and where. None of it changes a result.

    Args:
        engine: ray for processes side by side, local for everything in one.
        n_workers: Processes; of Ray, for devices and for the server, unless it is a running
            cluster, which has as many as it has CPUs.
        address: Of a running cluster of Ray, such as 10.0.0.1:6379, or auto for that of this
            machine; one is started on this machine if None.
        per_node: Devices that one node of Flower hosts; chosen to keep messages few if None.
        torch_device: Where the server labels and trains: cpu, or cuda for a GPU.

    Raises:
        SettingsError: If a value can't be used.
    """

    engine: Engine = "ray"
    n_workers: int = os.cpu_count() or 1
    address: str | None = None
    per_node: int | None = None
    torch_device: str = "cpu"

    def __post_init__(self) -> None:
        check_choices(self, section="")
        if self.n_workers < 1:
            raise SettingsError(f"workers must be at least 1, got {self.n_workers}")
        if self.per_node is not None and self.per_node < 1:
            raise SettingsError(f"devices per node must be at least 1, got {self.per_node}")
        if self.address and self.engine != "ray":
            raise SettingsError("a cluster is joined with --engine ray only")


ALL_CPUS = Execution()
"""Of this machine."""
