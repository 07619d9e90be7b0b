"""What the machines of a cluster must have: the same libraries, and room for what they keep."""

import logging
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from fedasc.arithmetic.compiled import is_kept
from fedasc.code import LIBRARIES
from fedasc.errors import RunError, in_a_line
from fedasc.places import cache_root
from fedasc.sources import PACKAGE

_WITHIN_S = 300.0
_LONGEST = 300

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What was seen of a machine.

    Args:
        host: Its address in the cluster.
        versions: Of what is installed there, by distribution.
        trouble: Why nothing can be kept there; empty if it can.
        compiles_once: Whether machine code is kept.
    """

    host: str
    versions: Mapping[str, str]
    trouble: str = ""
    compiles_once: bool = True


def check_machines() -> None:
    """Hold that every machine of the cluster can work as this one does.

    Raises:
        RunError: If one lacks a library or has it in another version that may make other numbers,
            or can't keep anything, or starts no process.
    """
    wanted = _wanted()
    look, ends = ray.remote(num_cpus=0)(_examiner()), time.monotonic() + _WITHIN_S
    nodes = [
        node
        for node in ray.nodes()  # type: ignore[no-untyped-call]
        if node["Alive"] and node["Resources"].get("CPU")
    ]
    looks = [
        look.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote(tuple(wanted))
        for node in nodes
    ]
    for host, future in zip((node["NodeManagerAddress"] for node in nodes), looks, strict=True):
        try:
            seen = ray.get(future, timeout=max(0.0, ends - time.monotonic()))
            check_machine(Machine(host=host, **seen), wanted)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", error)
            said = in_a_line(f"{type(cause).__name__}: {cause}", longest=_LONGEST)
            raise RunError(
                f"{host} of the cluster starts no process of fedasc ({said}); see that it has "
                "room, or leave it out"
            ) from error


def check_machine(machine: Machine, wanted: Mapping[str, str]) -> None:
    """Hold that a machine has what is wanted.

    Args:
        wanted: Versions by distribution; of those that make no numbers any will do.

    Raises:
        RunError: If it hasn't.
    """
    has, host = machine.versions, machine.host
    missing = [name for name in wanted if name not in has]
    others = [
        name
        for name in {*LIBRARIES.values(), "flwr"} & wanted.keys() - {*missing}
        if has[name] != wanted[name]
    ]
    cure = "pip install " + " ".join(
        f"{name}=={wanted[name]}" for name in missing or sorted(others)
    )
    if missing:
        raise RunError(f"{host} of the cluster lacks {', '.join(missing)}; call there: {cure}")
    if others:
        differ = ", ".join(f"{name} {has[name]} (here {wanted[name]})" for name in sorted(others))
        raise RunError(
            f"{host} of the cluster has {differ}, which may make other numbers; call there: {cure}"
        )
    if machine.trouble:
        raise RunError(
            f"{host} of the cluster: {machine.trouble}; set FEDASC_CACHE there where `ray start` "
            "is called"
        )
    if not machine.compiles_once:
        _log.warning(
            "%s of the cluster has no place for machine code that others can't write to, so every "
            "process there compiles it anew; set NUMBA_CACHE_DIR where `ray start` is called",
            host,
        )


def _wanted() -> Mapping[str, str]:
    """What fedasc needs, in the versions that this machine has."""
    try:
        lines = [line for line in requires(PACKAGE) or () if "extra ==" not in line]
    except PackageNotFoundError:  # fedasc itself needn't be installed
        lines = [*LIBRARIES.values(), "flwr"]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines]
    versions: Mapping[str, str] = _examiner()((*names, "ray"))["versions"]
    return versions


def _examiner() -> Any:
    """A function that travels by value: where it is called even fedasc may be missing."""

    def look(names: tuple[str, ...]) -> dict[str, Any]:
        from contextlib import suppress
        from importlib.metadata import PackageNotFoundError, version

        versions = {}
        for name in names:
            with suppress(PackageNotFoundError):
                versions[name] = version(name)
        if len(versions) < len(names):
            return {"versions": versions}
        from fedasc.flower.machines import place

        return {"versions": versions, **place()}

    return look


def place() -> dict[str, Any]:
    """Whether this machine can keep what it makes."""
    root = cache_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=root).close()
    except OSError as error:
        return {"trouble": f"nothing can be kept in {root} ({error.strerror})"}
    return {"compiles_once": is_kept()}
