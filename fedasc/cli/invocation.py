"""What was typed, and with which software."""

import shlex
import sys
from pathlib import Path
from typing import Any

_DECISIVE = ("fedasc", "numpy", "scipy", "scikit-learn", "numba", "torch", "flwr", "ray")
"""Distributions that numbers depend on."""


def invocation() -> dict[str, Any]:
    """The command, and versions of what it runs on."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for name in _DECISIVE:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "versions": versions,
    }
