"""Where times were taken."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LIBRARIES = (
    *("fedasc", "numpy", "scipy", "scikit-learn", "numba", "torch", "flwr", "ray"),
    *("torchaudio", "pfl"),
)


def machine_facts() -> dict[str, str | int | None]:
    """Processor, cores that may be used, and versions; None for a library that isn't installed."""
    return {
        "processor": _processor(),
        "n_cores": _n_cores(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{library: _version(library) for library in _LIBRARIES},
    }


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    """What Linux calls it, or whatever else is known."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
