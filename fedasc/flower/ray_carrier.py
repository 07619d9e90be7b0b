"""Devices in processes of a Ray cluster; one that hangs or dies is replaced.

Flower's own simulation engine waits for every device for ever, asks processes that have died again
and again, and spends milliseconds on every message. Here each message has its time, and nobody
waits for a process that has outlived it.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ray
from flwr.app import Message
from flwr.clientapp import ClientApp
from threadpoolctl import threadpool_limits

from fedasc.errors import RunError, StorageError
from fedasc.flower.cluster import Cluster
from fedasc.flower.grids import answered, failure, identify

CLIENT_CPUS = 0.999
_LOOK_EVERY_S = 0.05
_SHARE = 0.25


@dataclass(frozen=True)
class _AtWork:
    """A process with a message."""

    process: Any
    message: Message
    ends: float


class RayCarrier:
    """Brings messages to devices in processes of a cluster, the first of which is there at once.

    Args:
        app: The client app; nodes are whoever it speaks for.
        cluster: Where they live, a process for each CPU.
        n_nodes: How many nodes there are.
        timeout_s: How long all of them may take for a phase, in seconds. A node that takes a
            quarter of it for a message is given up, and so others have their turn.
    """

    def __init__(self, app: ClientApp, cluster: Cluster, n_nodes: int, *, timeout_s: float) -> None:
        self._app = ray.put(app)
        self._n_nodes = n_nodes
        self._n_processes = min(cluster.n_cpus, n_nodes)
        self._limit_s = timeout_s * _SHARE
        self._todo: deque[Message] = deque()
        self._starting: dict[Any, Any] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, _AtWork] = {}
        self._start_processes()
        ray.wait(list(self._starting), timeout=timeout_s)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        pushed = list(messages)
        self._todo.extend(pushed)
        return [message.metadata.message_id for message in pushed]

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        if self._todo:
            self._start_processes()
        while self._todo and self._idle:
            process, message = self._idle.pop(), self._todo.popleft()
            future = process.answer.remote(message)
            self._busy[future] = _AtWork(process, message, time.monotonic() + self._limit_s)
        done, _ = ray.wait([*self._busy, *self._starting], timeout=_LOOK_EVERY_S)
        replies = []
        for future in done:
            if future in self._starting:
                self._idle.append(_started(future, self._starting.pop(future)))
            else:
                replies.append(self._reply(future, self._busy.pop(future)))
        return [*replies, *self._overdue()]

    def drop_messages(self, message_ids: Iterable[str]) -> None:
        dropped = {*message_ids}
        self._todo = deque(m for m in self._todo if m.metadata.message_id not in dropped)
        for future, work in list(self._busy.items()):
            if work.message.metadata.message_id in dropped:
                del self._busy[future]
                ray.kill(work.process)

    def _start_processes(self) -> None:
        """As many as are missing."""
        n_there = len(self._starting) + len(self._idle) + len(self._busy)
        for _ in range(self._n_processes - n_there):
            process = _Process.options(  # type: ignore[attr-defined]
                num_cpus=CLIENT_CPUS, scheduling_strategy="SPREAD"
            ).remote(self._app, self._n_nodes)
            self._starting[process.is_there.remote()] = process

    def _reply(self, future: Any, work: _AtWork) -> Message:
        try:
            reply: Message = ray.get(future)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, StorageError):
                raise cause from error
            ray.kill(work.process)
            reason = f"the process of the device was lost ({type(error).__name__})"
            return failure(work.message, reason, is_innocent=True)
        self._idle.append(work.process)
        return reply

    def _overdue(self) -> list[Message]:
        now = time.monotonic()
        late = [work for work in self._busy.values() if now > work.ends]
        self.drop_messages([work.message.metadata.message_id for work in late])
        return [failure(work.message, f"no answer within {self._limit_s:.3g} s") for work in late]


def _started(future: Any, process: Any) -> Any:
    """A process that can be asked; until then no message's time passes."""
    try:
        ray.get(future)
    except ray.exceptions.RayError as error:
        raise RunError(
            f"no process for devices could be started ({type(error).__name__}), perhaps for want "
            "of memory; use fewer --workers"
        ) from error
    return process


@ray.remote
class _Process:
    """A process in which nodes answer."""

    def __init__(self, app: ClientApp, n_nodes: int) -> None:
        identify()
        self._app = app
        self._n_nodes = n_nodes

    def is_there(self) -> None:
        """Answers once the process has everything."""

    def answer(self, message: Message) -> Message:
        with threadpool_limits(1):
            return answered(self._app, message, self._n_nodes)
