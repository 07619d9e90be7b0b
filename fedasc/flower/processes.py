"""The processes of a cluster, in which devices live and, while they wait for it, the server works.

To start one takes seconds, most of them for what is imported; so both have the same ones.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import ray
from flwr.app import Message
from flwr.clientapp import ClientApp
from threadpoolctl import threadpool_limits

from fedasc.errors import RunError
from fedasc.flower.grids import answered, identify
from fedasc.flower.shared import OnCluster
from fedasc.garbage import collect_seldom
from fedasc.traces import telling_lines

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

_MOST_RETRIES = 2


class Processes:
    """So many at most; whoever takes one gives it back or drops it.

    Args:
        n: How many.
        resources: What each claims of the cluster, in Ray's words.
    """

    def __init__(self, n: int, **resources: float) -> None:
        self.n = n
        self._resources = {"num_cpus": 1.0, **resources}
        self._alive: list[Any] = []
        self._idle: list[Any] = []
        self._starting: dict[Any, Any] = {}

    @property
    def starting(self) -> list[Any]:
        """Futures of those that aren't there yet."""
        return list(self._starting)

    def start(self, n: int) -> None:
        """Begin to start what is missing of n."""
        for _ in range(min(n, self.n) - len(self._alive)):
            process = _Process.options(  # type: ignore[attr-defined]
                max_restarts=_MOST_RETRIES, scheduling_strategy="SPREAD", **self._resources
            ).remote()
            self._alive.append(process)
            self._starting[process.is_there.remote()] = process

    def wait(self, n: int, *, timeout_s: float | None = None) -> None:
        """Wait until so many of those that are starting are there, no longer than a time."""
        if n := min(n, len(self._starting)):
            done, _ = ray.wait(self.starting, num_returns=n, timeout=timeout_s)
            self.arrived(done)

    def arrived(self, futures: Iterable[Any]) -> None:
        """Take note of those that are there now.

        Raises:
            RunError: If one couldn't be started.
        """
        for future in futures:
            process = self._starting.pop(future)
            try:
                ray.get(future)
            except ray.exceptions.RayError as error:
                raise RunError(
                    f"no process for devices could be started ({type(error).__name__}), perhaps "
                    "for want of memory; use fewer --workers"
                ) from error
            self._idle.append(process)

    def take(self) -> Any | None:
        """One that has nothing to do, if there is one."""
        return self._idle.pop() if self._idle else None

    def take_all(self, n: int) -> list[Any]:
        """All that have nothing to do, of n that are started if they aren't there."""
        self.start(n)
        self.wait(len(self._starting))
        taken, self._idle = self._idle, []
        return taken

    def give_back(self, *processes: Any) -> None:
        """They have nothing to do any more."""
        self._idle.extend(processes)

    def drop(self, process: Any) -> None:
        """End one, whatever it does."""
        self._alive.remove(process)
        ray.kill(process)


def asked(process: Any, work: Callable[[S, I], R], shared: OnCluster[S], item: I) -> Any:
    """A future of work of the server's, done anew elsewhere if the process dies."""
    return process.do.options(max_task_retries=_MOST_RETRIES).remote(work, shared, item)


@ray.remote
class _Process:
    """Answers as the nodes of devices, and works for the server."""

    def __init__(self) -> None:
        collect_seldom()
        identify()

    def is_there(self) -> None:
        """Answers once the process has everything."""

    def answer(self, app: OnCluster[ClientApp], message: Message, n_nodes: int) -> Message:
        with threadpool_limits(1):
            return answered(app.get(), message, n_nodes)

    def do(self, work: Callable[[S, I], R], shared: OnCluster[S], item: I) -> R:
        with threadpool_limits(1), telling_lines():
            return work(shared.get(), item)
