"""Ray: a cluster of this machine's own, or one that is running; and the server's workers on it.

Devices and server never work at the same time and share their processes, as many as there are CPUs.
On a GPU the server has some of its own: so one of the former claims a CPU but for a thousandth, and
one of these that thousandth.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import is_
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import ray

from fedasc.arithmetic.compiled import FLEETING
from fedasc.errors import RunError, SettingsError, in_a_line
from fedasc.flower.code_archive import write_code_archive
from fedasc.flower.lending import lending
from fedasc.flower.local_cluster import started
from fedasc.flower.machines import check_machines
from fedasc.flower.processes import Processes, asked
from fedasc.flower.session import join, session
from fedasc.flower.shared import OnCluster, put
from fedasc.flower.token import shown, token_for
from fedasc.storage import told
from fedasc.workers import ONE_THREAD

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

_log = logging.getLogger(__name__)

_CLIENT_CPUS = 0.999
_WORKER_CPUS = 0.001
_WORKERS_PER_GPU = 4
_MOST_PUT = 4
_REACHED_WITHIN_S = 5.0
_LONGEST = 300


@dataclass(frozen=True)
class Cluster:
    """What a cluster has.

    Args:
        n_cpus: Of all its machines.
        n_gpus: Likewise.
        processes: In which devices live, and the server works while they wait for it.
    """

    n_cpus: int
    n_gpus: int
    processes: Processes


@contextmanager
def open_cluster(n_workers: int, address: str | None = None) -> Iterator[Cluster]:
    """Start Ray on this machine, or join a cluster that is running, and leave it at the end.

    Args:
        n_workers: CPUs of a cluster of one's own.
        address: Of a running one, such as 10.0.0.1:6379, or auto for that of this machine.

    Raises:
        RunError: If there is no cluster at the address, it asks for another token than the user
            has, or Ray's files have no place.
        SettingsError: If it is no address.
    """
    with _joined(address) if address else started(n_workers):
        yield this_cluster()


def this_cluster() -> Cluster:
    """The one that this process has started or joined."""
    has = ray.cluster_resources()  # type: ignore[no-untyped-call]
    n_cpus = int(has.get("CPU", 0))
    return Cluster(n_cpus, int(has.get("GPU", 0)), Processes(n_cpus, num_cpus=_CLIENT_CPUS))


@contextmanager
def _joined(address: str) -> Iterator[None]:
    """A cluster whose machines see no folder of this one: what they need travels to them."""
    place, token = _admitted(address)
    if token is None:
        _log.warning(
            "the Ray cluster at %s asks for no token: whoever reaches it may use it", place
        )
    with session(), TemporaryDirectory(prefix="fedasc-") as folder:
        archive = Path(folder) / "code.zip"
        with told(archive):
            write_code_archive(archive)
        there = {"working_dir": str(archive), "env_vars": {FLEETING: "1", **ONE_THREAD}}
        try:
            with shown(token):
                join(address=place, runtime_env=there)
        except ConnectionError as error:
            raise _nobody_at(place) from error
        except (RuntimeError, ray.exceptions.RayError) as error:
            said = in_a_line(str(error), longest=_LONGEST)
            raise RunError(f"the Ray cluster at {place!r} can't be joined ({said})") from error
        check_machines()
        with lending():
            yield


def check_address(address: str) -> None:
    """Hold that a cluster is at an address and lets us in; Ray itself would try for minutes.

    Raises:
        RunError: If there is none, or it asks for another token than the user has.
        SettingsError: If it is no address.
    """
    _admitted(address)


def _admitted(address: str) -> tuple[str, str | None]:
    """Address of a cluster as host:port, and the token that it asks for."""
    try:
        if address == "auto":
            services = ray._private.services
            address = str(services.canonicalize_bootstrap_address(address))
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise SettingsError(f"Ray address {address!r}: expected host:port, or auto")
        socket.create_connection((host, int(port)), timeout=_REACHED_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise _nobody_at(address) from error
    return address, token_for(address)


def _nobody_at(address: str) -> RunError:
    return RunError(
        f"no Ray cluster at {address!r}; start one with `ray start --head` and name its address"
    )


class RayWorkers:
    """Workers of the server on a cluster.

    Args:
        cluster: Its processes do it, but for what is done on a GPU, which others share.
        torch_device: Where they train and label.

    Raises:
        SettingsError: If the cluster has no GPU for them.
    """

    def __init__(self, cluster: Cluster, *, torch_device: str) -> None:
        self._processes = cluster.processes
        if torch_device.startswith("cuda"):
            if not cluster.n_gpus:
                raise SettingsError(f"device {torch_device!r}: Ray finds no GPU; use --device cpu")
            n = min(cluster.n_cpus, _WORKERS_PER_GPU * cluster.n_gpus)
            self._processes = Processes(n, num_cpus=_WORKER_CPUS, num_gpus=1 / _WORKERS_PER_GPU)
        self.n_workers = self._processes.n
        self._put: deque[tuple[tuple[Any, ...], OnCluster[Any]]] = deque(maxlen=_MOST_PUT)

    def map(self, work: Callable[[S, I], R], shared: S, items: Sequence[I]) -> Iterator[R]:
        value, todo = self._on_cluster(shared), deque(enumerate(items))
        taken = self._processes.take_all(len(items))
        idle, busy, done = list(taken), dict[Any, tuple[int, Any]](), dict[int, R]()
        try:
            for number in range(len(items)):
                while number not in done:
                    while idle and todo:
                        position, item = todo.popleft()
                        process = idle.pop()
                        busy[asked(process, work, value, item)] = (position, process)
                    finished, _ = ray.wait(list(busy))
                    for future in finished:
                        position, process = busy.pop(future)
                        done[position] = _result(future)
                        idle.append(process)
                yield done.pop(number)
        finally:
            self._processes.give_back(*taken)

    def _on_cluster(self, shared: S) -> OnCluster[S]:
        """It, put there once however often it is asked for, cohort by cohort."""
        parts = shared if isinstance(shared, tuple) else (shared,)
        for known, value in self._put:
            if len(known) == len(parts) and all(map(is_, known, parts)):
                return value
        value = put(shared)
        self._put.append((parts, value))
        return value


def _result(future: Any) -> Any:
    try:
        return ray.get(future)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error
    except ray.exceptions.RayError as error:
        raise RunError(
            f"a worker of the server was lost ({type(error).__name__}), perhaps for want of "
            "memory; use fewer --workers"
        ) from error
