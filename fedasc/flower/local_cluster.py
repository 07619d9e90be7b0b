"""A cluster of Ray of one's own: nobody else reaches it, and nothing of it stays.

Ray itself would hear whoever reaches the machine, and leave its files in a folder that all users
share.
Little is imported here, so that it can start while all else is imported.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray

from fedasc.errors import RunError, StorageError
from fedasc.flower.ray_processes import only_workers
from fedasc.flower.session import join, session
from fedasc.flower.token import new_token, shown
from fedasc.places import cache_root
from fedasc.workers import ONE_THREAD

_SHARED_MEMORY = Path("/dev/shm")
_STORE_WITHOUT_BYTES = 1_000_000_000
_LEAST_BYTES = 10_000_000
_LONGEST_SOCKET = 107
_SOCKET = "r12345678/r/session_2027-03-01_12-00-00_000000_1234567/sockets/plasma_store"
"""Of the longest name that Ray gives one, from where temporary files are."""
_GONE_WITHIN_S = 5.0


@contextmanager
def started(n_workers: int) -> Iterator[None]:
    """Ray with so many CPUs on this machine, for processes that compute in one thread each.

    Raises:
        RunError: If it can't be started, or its files have no place.
    """
    # Workers read what `join` finds here. Sums over threads would end in another order elsewhere.
    here_too = {
        "PYTHONPATH": os.pathsep.join(filter(None, (*sys.path, os.environ.get("PYTHONPATH")))),
        "FEDASC_CACHE": str(cache_root()),
        **ONE_THREAD,
    }
    with private_files() as folder, session():
        try:
            with shown(new_token()), only_workers(here_too), on_loopback() as here:
                join(
                    address="local",
                    num_cpus=n_workers,
                    include_dashboard=False,
                    _node_ip_address=here,
                    _temp_dir=str(folder),
                    **store_options(folder),
                )
        except Exception as error:  # Ray has no kind of its own for it
            raise RunError(
                f"Ray can't be started ({str(error).partition(chr(10))[0]}); see that there is "
                "room for its files and that the machine isn't overloaded, or use --engine local"
            ) from error
        yield


@contextmanager
def private_files() -> Iterator[Path]:
    """A folder for Ray's files and sockets that no other user can enter; removed at the end.

    Raises:
        RunError: If it can't be made, or there is no room.
    """
    longest = _LONGEST_SOCKET - len(f"/{_SOCKET}")
    asked = tempfile.gettempdir()
    parent = asked if len(os.fsencode(asked)) <= longest else "/tmp"
    try:
        folder = Path(tempfile.mkdtemp(prefix="r", dir=parent))
    except OSError as error:
        raise RunError(
            f"{parent}: Ray can't keep its files there ({error.strerror}); set TMPDIR to a folder "
            f"that can be written, with a path of at most {longest} letters"
        ) from error
    try:
        if shutil.disk_usage(folder).free < _LEAST_BYTES:
            raise StorageError(
                f"{parent}: the disk is full; make room for Ray's files, or set TMPDIR"
            )
        yield folder / "r"  # which Ray opens to everybody
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder that dying processes may still write to."""
    until = time.monotonic() + _GONE_WITHIN_S
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > until:
            return
        time.sleep(0.05)


def store_options(folder: Path) -> dict[str, Any]:
    """Where shared objects live: in shared memory, or where there is none among Ray's files."""
    if _SHARED_MEMORY.is_dir() and os.access(_SHARED_MEMORY, os.W_OK):
        return {}
    return {"object_store_memory": _STORE_WITHOUT_BYTES, "_plasma_directory": str(folder)}


@contextmanager
def on_loopback() -> Iterator[str]:
    """Where Ray starts a cluster that other machines don't reach: the address to give it.

    It listens there if a process is told this address, but puts that of the network in its place
    when a cluster is started.
    """
    services = ray._private.services
    before = services.resolve_ip_for_localhost
    services.resolve_ip_for_localhost = lambda host: host
    try:
        yield "127.0.0.1"
    finally:
        services.resolve_ip_for_localhost = before
