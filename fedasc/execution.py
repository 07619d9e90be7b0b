"""How a run is computed, which changes nothing that a device gets unless devices are lost."""

from dataclasses import dataclass, field
from typing import Literal

from fedasc.config import check_choices
from fedasc.cpus import usable_cpus
from fedasc.errors import SettingsError
from fedasc.losses import QUORUM

Engine = Literal["ray", "local"]

PER_COHORT = 1000
"""Devices that a night goes through at a time, unless a run asks for others."""

_LONGEST_S = 30 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Execution:
    """Who computes a run, where, and when it is given up.

    None of it changes what a device gets that answers.

    Args:
        engine: ray for processes side by side, local for everything in one.
        n_workers: Processes; of Ray, for devices and for the server, unless it is a running
            cluster, which has as many as it has CPUs.
        address: Of a running cluster of Ray, such as 10.0.0.1:6379, or auto for that of this
            machine; one is started on this machine if None.
        per_node: Devices that one node of Flower hosts; chosen to keep messages few if None.
        per_cohort: Devices that a night goes through at a time, so that memory doesn't grow with
            their number; all at once if None.
        torch_device: Where the server labels and trains: cpu, or cuda for a GPU.
        timeout_s: How long all devices of a cohort may take for a phase of a night, in seconds; a
            quarter of it, what a node may take for a message. Who doesn't answer is lost.
        quorum: Share of a night's devices that it can't do without, from 0 to 1.

    Examples:
        In one process, for a debugger:

        >>> Execution(engine="local").engine
        'local'

    Raises:
        SettingsError: If a value can't be used.
    """

    engine: Engine = "ray"
    n_workers: int = field(default_factory=usable_cpus)
    address: str | None = None
    per_node: int | None = None
    per_cohort: int | None = PER_COHORT
    torch_device: str = "cpu"
    timeout_s: float = 3600.0
    quorum: float = QUORUM

    def __post_init__(self) -> None:
        check_choices(self, section="")
        if self.n_workers < 1:
            raise SettingsError(f"workers must be at least 1, got {self.n_workers}")
        if self.per_node is not None and self.per_node < 1:
            raise SettingsError(f"devices per node must be at least 1, got {self.per_node}")
        if self.per_cohort is not None and self.per_cohort < 1:
            raise SettingsError(f"devices per cohort must be at least 1, got {self.per_cohort}")
        if not 0 < self.timeout_s <= _LONGEST_S:
            raise SettingsError(
                f"the time-out must be above 0 and at most {_LONGEST_S:,} s, got {self.timeout_s:g}"
            )
        if not 0 <= self.quorum <= 1:
            raise SettingsError(f"the quorum must lie between 0 and 1, got {self.quorum:g}")
        if self.address and self.engine != "ray":
            raise SettingsError("a cluster is joined with --engine ray only")


ALL_CPUS = Execution()
"""That this process may use."""
