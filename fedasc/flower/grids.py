"""Grids: one that watches messages and shows progress, and one that needs no other process."""

import time
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import uuid4

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid
from flwr.supercore.run import Run
from flwr.supercore.task_identity import TaskIdentity

from fedasc.device import Devices
from fedasc.errors import StorageError
from fedasc.progress import Progress

_PHASES = {
    "train": "listening and summarising",
    "query": "asking users",
    "evaluate": "evaluating",
}

INNOCENT = ErrorCode.UNKNOWN
"""Code of the error of a node that was lost and may not be to blame."""

Watch = Callable[[Message], None]
"""Called with every message that goes to a device or comes from one."""

MakeGrid = Callable[[Devices], Grid]
"""Makes what carries messages to these devices and back."""


def unwatched(message: Message) -> None:
    """Looks away."""


class Carrier(Protocol):
    """What brings messages to nodes and back."""

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]: ...

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Replies to some of these; it waits for a moment if there are none."""
        ...

    def drop_messages(self, message_ids: Iterable[str]) -> None:
        """Wait no longer for replies to these."""
        ...


class WatchedGrid(Grid):
    """A grid whose messages are watched and counted.

    Args:
        carrier: Carries the messages.
        n_nodes: How many nodes there are; their numbers begin at 1.
        watch: Sees every message.
        progress: Told of every reply.
    """

    def __init__(self, carrier: Carrier, n_nodes: int, *, watch: Watch, progress: Progress) -> None:
        self._carrier = carrier
        self._n_nodes = n_nodes
        self._watch = watch
        self._progress = progress
        self._run = Run.create_empty(run_id=1)
        identify()

    def set_run(self, run: Run) -> None:
        self._run = run

    @property
    def run(self) -> Run:
        return self._run

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        return Message(content, dst_node_id, message_type, ttl=ttl, group_id=group_id)

    def get_node_ids(self) -> Iterable[int]:
        return range(1, self._n_nodes + 1)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        messages = list(messages)
        for message in messages:
            message.metadata.__dict__["_message_id"] = str(uuid4())  # as Flower's own grids do
            self._watch(message)
        return self._carrier.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        replies = list(self._carrier.pull_messages(message_ids))
        for reply in replies:
            self._watch(reply)
        return replies

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        messages = list(messages)
        phase = _PHASES[messages[0].metadata.message_type] if messages else ""
        waiting = set(self.push_messages(messages))
        total = len(waiting)
        ends = time.monotonic() + (float("inf") if timeout is None else timeout)
        replies: list[Message] = []
        while waiting and time.monotonic() < ends:
            new = list(self.pull_messages(waiting))
            waiting -= {reply.metadata.reply_to_message_id for reply in new}
            replies += new
            if new:
                self._progress(phase, len(replies), total)
        if waiting:
            self._carrier.drop_messages(waiting)
        return replies


class LocalCarrier:
    """Calls the client app in this process, a message at a time: for tests and the debugger.

    A device that hangs or ends the process can't be helped here.
    """

    def __init__(self, app: ClientApp, n_nodes: int) -> None:
        self._app = app
        self._n_nodes = n_nodes
        self._waiting: dict[str, Message] = {}

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        pushed = {message.metadata.message_id: message for message in messages}
        self._waiting |= pushed
        return list(pushed)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        number = next((number for number in message_ids if number in self._waiting), None)
        if number is None:
            return []
        return [answered(self._app, self._waiting.pop(number), self._n_nodes)]

    def drop_messages(self, message_ids: Iterable[str]) -> None:
        for number in message_ids:
            self._waiting.pop(number, None)


def identify() -> None:
    """Flower stamps every message with the identity of the process that makes it."""
    TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, 1, 0


def answered(app: ClientApp, message: Message, n_nodes: int) -> Message:
    """A node's answer to a message, or the error that it ended with.

    Raises:
        StorageError: If the disk is full, which is no fault of the node's.
    """
    node = message.metadata.dst_node_id
    context = Context(
        run_id=1,
        node_id=node,
        node_config={"partition-id": node - 1, "num-partitions": n_nodes},
        state=RecordDict(),
        run_config={},
    )
    try:
        reply = app(message, context)
    except StorageError:
        raise
    except (Exception, SystemExit) as error:
        return failure(message, f"{type(error).__name__}: {error}")
    if reply.metadata.reply_to_message_id != message.metadata.message_id:
        return failure(message, "the node answered another message")
    return reply


def failure(message: Message, reason: str, *, is_innocent: bool = False) -> Message:
    """The answer of a node of which there is none.

    Args:
        is_innocent: Whether its process was lost, for which it may not be to blame.
    """
    code = INNOCENT if is_innocent else ErrorCode.CLIENT_APP_RAISED_EXCEPTION
    return Message(Error(code, reason), reply_to=message)
