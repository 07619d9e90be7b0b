"""Where times were taken."""

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

_LIBRARIES = (
    *("fedasc", "numpy", "scipy", "scikit-learn", "numba", "torch", "flwr", "ray"),
    *("torchaudio", "pfl"),
)
_SGEMM_ROWS = 1024
_SGEMM_TIMES = 10


def machine_facts() -> dict[str, str | int | float | None]:
    """Processor, cores that may be used, what one reaches, and versions.

    None for a library that isn't installed.
    """
    return {
        "processor": _processor(),
        "n_cores": _n_cores(),
        "sgemm_gflops": sgemm_gflops(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{library: _version(library) for library in _LIBRARIES},
    }


def sgemm_gflops() -> float:
    """Billions of operations per second of one core that multiplies matrices in single precision.

    Hardly anything comes nearer to what it can do: the best of several products of BLAS.
    """
    a = np.random.default_rng(1).normal(size=(_SGEMM_ROWS, _SGEMM_ROWS)).astype(np.float32)
    seconds = []
    with threadpool_limits(1):
        for _ in range(_SGEMM_TIMES):
            began = time.perf_counter()
            a @ a
            seconds.append(time.perf_counter() - began)
    return 2 * _SGEMM_ROWS**3 / min(seconds) / 1e9


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
