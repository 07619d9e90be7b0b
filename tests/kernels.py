"""Kernels that libraries choose by the processor, and how to make them choose others."""

import os
import subprocess
import sys
from importlib import import_module

OPENBLAS = {
    "Haswell": ("AVX2", "AVX2"),
    "SkylakeX": ("AVX512_SKX", "AVX512"),
    "Sandybridge": ("AVX", "SSE4_2"),
    "Zen": ("AVX2", "COMPATIBLE"),
}
"""Names of its kernels, the vectors that a processor must have for them, and with which kernels
of MKL, which is PyTorch's, they are tried together."""


def environments() -> dict[str, dict[str, str]]:
    """What a process must find in its environment to choose kernels, by a name for the choice.

    A choice that this machine hasn't got is left out.
    """
    core = import_module("numpy._core._multiarray_umath")
    has = core.__cpu_features__
    vectors = [name for name in core.__cpu_dispatch__ if has.get(name)]
    wide = [name for name in vectors if name.startswith("AVX512") or name == "X86_V4"]
    without = {"NumPy without AVX-512": wide, "NumPy with the least vectors": vectors}
    return {
        f"OpenBLAS for {name}, MKL for {mkl}": {"OPENBLAS_CORETYPE": name, "MKL_CBWR": mkl}
        for name, (needed, mkl) in OPENBLAS.items()
        if has.get(needed)
    } | {
        name: {"NPY_DISABLE_CPU_FEATURES": " ".join(forbidden)}
        for name, forbidden in without.items()
        if forbidden
    }


def printed(code: str, environment: dict[str, str]) -> str:
    """What code prints in a process of its own, whose OpenBLAS has one thread."""
    process = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
