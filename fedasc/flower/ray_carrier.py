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

from fedasc.errors import StorageError
from fedasc.flower.grids import failure
from fedasc.flower.processes import Processes
from fedasc.flower.shared import put

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
        processes: Where they live.
        n_nodes: How many nodes there are.
        timeout_s: How long all of them may take for a phase, in seconds. A node that takes a
            quarter of it for a message is given up, and so others have their turn.
    """

    def __init__(
        self, app: ClientApp, processes: Processes, n_nodes: int, *, timeout_s: float
    ) -> None:
        self._app = put(app)
        self._processes = processes
        self._n_nodes = n_nodes
        self._limit_s = timeout_s * _SHARE
        self._todo: deque[Message] = deque()
        self._busy: dict[Any, _AtWork] = {}
        processes.start(n_nodes)
        processes.wait(1, timeout_s=timeout_s)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        pushed = list(messages)
        self._todo.extend(pushed)
        return [message.metadata.message_id for message in pushed]

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        if self._todo:
            self._processes.start(self._n_nodes)
        while self._todo and (process := self._processes.take()):
            message = self._todo.popleft()
            future = process.answer.remote(self._app, message, self._n_nodes)
            self._busy[future] = _AtWork(process, message, time.monotonic() + self._limit_s)
        starting = self._processes.starting
        done, _ = ray.wait([*self._busy, *starting], timeout=_LOOK_EVERY_S)
        self._processes.arrived(future for future in done if future in starting)
        replies = [
            self._reply(future, self._busy.pop(future)) for future in done if future in self._busy
        ]
        return [*replies, *self._overdue()]

    def drop_messages(self, message_ids: Iterable[str]) -> None:
        dropped = {*message_ids}
        self._todo = deque(m for m in self._todo if m.metadata.message_id not in dropped)
        for future, work in list(self._busy.items()):
            if work.message.metadata.message_id in dropped:
                del self._busy[future]
                self._processes.drop(work.process)

    def _reply(self, future: Any, work: _AtWork) -> Message:
        try:
            reply: Message = ray.get(future)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, StorageError):
                raise cause from error
            self._processes.drop(work.process)
            reason = f"the process of the device was lost ({type(error).__name__})"
            return failure(work.message, reason, is_innocent=True)
        self._processes.give_back(work.process)
        return reply

    def _overdue(self) -> list[Message]:
        now = time.monotonic()
        late = [work for work in self._busy.values() if now > work.ends]
        self.drop_messages([work.message.metadata.message_id for work in late])
        return [failure(work.message, f"no answer within {self._limit_s:.3g} s") for work in late]
