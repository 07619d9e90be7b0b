"""Kernels that libraries choose by the processor, and how to make them choose others."""

import os
import subprocess
import sys
from importlib import import_module

PROCESSORS = {
    "Sandybridge": ("AVX", "SSE4_2"),
    "Haswell": ("AVX2", "AVX2"),
    "Zen": ("AVX2", "COMPATIBLE"),
    "SkylakeX": ("AVX512_SKX", "AVX512"),
}
"""OpenBLAS's names, the vectors that a processor must have for them, and the kernels of MKL, which
is PyTorch's, that are tried along. The first and the last differ the most."""


_OLD_LIBRARY = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"
"""How glibc's mathematics is told to do without what came after `AVX`; others ignore it."""


def environments() -> dict[str, dict[str, str]]:
    """What a process must find in its environment to compute as on a processor, by its name.

    NumPy's own loops lose the vectors that it lacks, and the first processor's C library the fused
    multiplications. What this machine hasn't got is left out.
    """
    core = import_module("numpy._core._multiarray_umath")
    has = core.__cpu_features__
    vectors = [name for name in core.__cpu_dispatch__ if has.get(name)]
    lacking = {
        "AVX": vectors,
        "AVX2": [name for name in vectors if name.startswith("AVX512") or name == "X86_V4"],
        "AVX512_SKX": [],
    }
    return {
        name: {
            "OPENBLAS_CORETYPE": name,
            "MKL_CBWR": mkl,
            "NPY_DISABLE_CPU_FEATURES": " ".join(lacking[needed]),
            **({"GLIBC_TUNABLES": _OLD_LIBRARY} if needed == "AVX" else {}),
        }
        for name, (needed, mkl) in PROCESSORS.items()
        if has.get(needed)
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


if __name__ == "__main__":  # python -m tests.kernels NAME COMMAND ...
    name, *command = sys.argv[1:]
    os.execvpe(command[0], command, os.environ | environments()[name])
