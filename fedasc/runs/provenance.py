"""Where a run comes from: code, command, machine, recordings, profiles and plug-ins."""

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fedasc.code import LIBRARIES
from fedasc.config import fingerprint
from fedasc.errors import SettingsError
from fedasc.execution import Execution
from fedasc.report.rows import write_json
from fedasc.runs.inputs import Inputs
from fedasc.runs.plugin_copies import copy_plugins
from fedasc.sources import ROOT

_FILE = "provenance.json"
_FURTHER = ("flwr", "ray", "joblib", "threadpoolctl", "matplotlib", "pyarrow")
"""Distributions that carry numbers or write them, besides those that make them."""
_THREADS = tuple(
    f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "NUMBA")
)
_GIT_S = 5


def write_provenance(folder: Path, inputs: Inputs, *, command: str, execution: Execution) -> None:
    """Write where a run comes from, with copies of its plug-ins; who goes on with it is added.

    Args:
        folder: Of the run.
        command: That made it; empty if it was called from Python.
    """
    known: Mapping[str, Any] = {}
    if (folder / _FILE).is_file():
        known = read_provenance(folder)
    else:
        known = {
            "corpora": [
                {"name": corpus.name, "fingerprint": corpus.fingerprint()}
                for corpus in inputs.corpora
            ],
            "profiles": {
                "name": inputs.profiles.where,
                "fingerprint": profiles_fingerprint(inputs),
            },
            "plugins": copy_plugins(folder, inputs.settings),
            "sessions": [],
        }
    session = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command or f"Python: {shlex.join(sys.argv)}",
        **commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "n_cpus": os.cpu_count(),
        "versions": versions(),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
        "execution": asdict(execution),
    }
    write_json(folder / _FILE, {**known, "sessions": [*known["sessions"], session]})


def read_provenance(folder: Path) -> Mapping[str, Any]:
    """What `write_provenance` wrote.

    Raises:
        SettingsError: If there is none, as in folders of earlier versions, or it is damaged.
    """
    path = folder / _FILE
    if not path.is_file():
        raise SettingsError(
            f"{folder}: doesn't say where it comes from; it is of an earlier version"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content["sessions"], list):
            raise TypeError("sessions")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: damaged ({error})") from error
    known: Mapping[str, Any] = content
    return known


def profiles_fingerprint(inputs: Inputs) -> str:
    """Of what profiles say, wherever they stand."""
    return fingerprint({**asdict(inputs.profiles), "where": ""})


def versions() -> dict[str, str]:
    """Of fedasc and the distributions that decide numbers, by name."""
    names = ("fedasc", *sorted(LIBRARIES.values()), *_FURTHER)
    return {name: number for name in names if (number := _version(name))}


def commit() -> dict[str, Any]:
    """The commit that fedasc is imported from, and whether files differ; nothing if it is none."""
    top = ROOT.parent
    if not (top / ".git").exists():
        return {}
    try:
        return {
            "commit": _git(top, "rev-parse", "HEAD"),
            "is_changed": bool(_git(top, "status", "--porcelain", "--", "fedasc")),
        }
    except (OSError, subprocess.SubprocessError):
        return {}


def _git(top: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(top), *arguments],
        capture_output=True, text=True, check=True, timeout=_GIT_S,
    )  # fmt: skip
    return done.stdout.strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """Its model, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
