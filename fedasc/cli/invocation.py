"""What was typed, and with which software."""

import shlex
import sys
from pathlib import Path
from typing import Any


def invocation() -> dict[str, Any]:
    """The command, and versions of what it runs on."""
    import platform

    from fedasc.runs.provenance import versions

    return {
        "command": command_line(),
        "versions": {"python": platform.python_version(), **versions()},
    }


def command_line() -> str:
    """What was typed."""
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
