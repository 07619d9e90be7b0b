"""Grids: one that watches messages and shows progress, and one that needs no other process."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from uuid import uuid4

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid
from flwr.supercore.run import Run
from flwr.supercore.task_identity import TaskIdentity

from fedasc.flower.messages import HELLO
from fedasc.progress import Progress

logger = logging.getLogger(__name__)

_POLL_S = 0.05
_PHASES = {
    f"query.{HELLO}": "finding nodes",
    "train": "listening and summarising",
    "evaluate": "evaluating",
}

Watch = Callable[[Message], None]
"""Called with every message that goes to a device or comes from one."""


def unwatched(message: Message) -> None:
    """Looks away."""


class WatchedGrid(Grid):
    """Another grid, whose messages are watched and counted.

    Args:
        grid: Carries the messages.
        watch: Sees every message.
        progress: Told of every reply.
        stopped: Once set, nothing is waited for any more.
    """

    def __init__(
        self, grid: Grid, *, watch: Watch, progress: Progress, stopped: threading.Event
    ) -> None:
        self._grid = grid
        self._watch = watch
        self._progress = progress
        self._stopped = stopped

    def set_run(self, run: Run) -> None:
        self._grid.set_run(run)

    @property
    def run(self) -> Run:
        return self._grid.run

    def create_message(
        self,
        content: RecordDict,
        message_type: str,
        dst_node_id: int,
        group_id: str,
        ttl: float | None = None,
    ) -> Message:
        return self._grid.create_message(content, message_type, dst_node_id, group_id, ttl)

    def get_node_ids(self) -> Iterable[int]:
        return self._grid.get_node_ids()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        messages = list(messages)
        for message in messages:
            self._watch(message)
        return self._grid.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        replies = list(self._grid.pull_messages(message_ids))
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
        while waiting and time.monotonic() < ends and not self._stopped.is_set():
            new = list(self.pull_messages(waiting))
            waiting -= {reply.metadata.reply_to_message_id for reply in new}
            replies += new
            if new:
                self._progress(phase, len(replies), total)
            else:
                time.sleep(_POLL_S)
        return replies


class LocalGrid(Grid):
    """Calls the client app in this process, a message at a time: for tests and the debugger."""

    def __init__(self, app: ClientApp, n_nodes: int) -> None:
        self._app = app
        self._n_nodes = n_nodes
        self._waiting: dict[str, Message] = {}
        self._run = Run.create_empty(run_id=1)
        self._states: dict[int, RecordDict] = {}
        # Flower stamps every message with the identity of its sender.
        TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, 1, 0

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
        pushed = []
        for message in messages:
            number = str(uuid4())
            message.metadata.__dict__["_message_id"] = number  # as Flower's own grids do
            self._waiting[number] = message
            pushed.append(number)
        return pushed

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        number = next((number for number in message_ids if number in self._waiting), None)
        return [] if number is None else [self._answer(self._waiting.pop(number))]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        return [self._answer(self._waiting.pop(n)) for n in self.push_messages(messages)]

    def _answer(self, message: Message) -> Message:
        node = message.metadata.dst_node_id
        context = Context(
            run_id=1,
            node_id=node,
            node_config={"partition-id": node - 1, "num-partitions": self._n_nodes},
            state=self._states.setdefault(node, RecordDict()),
            run_config={},
        )
        try:
            return self._app(message, context)
        except Exception as error:
            logger.debug("device of node %d failed", node, exc_info=True)
            reason = f"{type(error).__name__}: {error}"
            return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason), reply_to=message)
