"""A question to many devices, and what each of them answers: every device is judged alone."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from flwr.app import Message, RecordDict

from fedasc.errors import MessageError
from fedasc.flower.grids import INNOCENT
from fedasc.flower.hosts import unbundle
from fedasc.flower.messages import failure_of
from fedasc.losses import Reason, in_short, reason_of

T = TypeVar("T")


class Asking(Generic[T]):
    """Devices that are asked, and what has come of it.

    A node speaks for several. Where it is lost with all of them, it may be one of them that brings
    it down, so each can be asked again, alone.

    Args:
        kind: Of the messages, train, query or evaluate.
        request: What to ask some devices.
        unpack: What a content says of a device, which it is told by name; raises a MessageError if
            nothing that was asked.
    """

    def __init__(
        self,
        kind: str,
        request: Callable[..., RecordDict],
        unpack: Callable[..., T],
    ) -> None:
        self._kind = kind
        self._request = request
        self._unpack = unpack
        self._asked: list[tuple[Message, Sequence[int]]] = []
        self._answers: dict[int, T] = {}
        self.began = time.monotonic()
        self.lost: dict[int, str] = {}
        """Why, of devices that failed or sent what is refused."""
        self.silent: dict[int, str] = {}
        """Why, of devices that may answer if they are asked again, each alone."""

    @property
    def answers(self) -> Mapping[int, T]:
        """By device in order, whatever the order in which they came."""
        return dict(sorted(self._answers.items()))

    def messages(self, parts: Iterable[tuple[int, Sequence[int]]]) -> list[Message]:
        """Messages for nodes.

        Args:
            parts: Flower's number of a node, and for which devices it speaks.
        """
        self._asked = [
            (
                Message(self._request(devices), dst_node_id=node, message_type=self._kind),
                devices,
            )
            for node, devices in parts
        ]
        return [message for message, _ in self._asked]

    def take(self, replies: Iterable[Message], *, waited_s: float) -> None:
        """Judge what has come, device by device.

        Args:
            replies: To messages that were made last; others are of no account.
            waited_s: How long they were waited for.
        """
        by_request = {reply.metadata.reply_to_message_id: reply for reply in replies}
        for message, devices in self._asked:
            reply = by_request.get(message.metadata.message_id)
            if reply is None:
                self.silent |= dict.fromkeys(devices, f"no answer within {waited_s:.3g} s")
            elif reply.has_error():
                reason = in_short(reply.error.reason or "")
                if len(devices) > 1 or reply.error.code == INNOCENT:
                    self.silent |= dict.fromkeys(devices, reason)
                else:
                    self._lose(devices, reason)
            else:
                self._judge(reply.content, devices)

    def _judge(self, content: RecordDict, devices: Sequence[int]) -> None:
        try:
            contents = unbundle(content)
        except MessageError as error:
            self._lose(devices, in_short(str(error)))
            return
        others = ", ".join(str(device) for device in sorted(contents.keys() - {*devices}))
        for device in devices:
            if device not in contents:
                spoke = f"; it spoke for {others}, which it wasn't asked for" if others else ""
                self._lose([device], f"nothing came of it from its node{spoke}")
                continue
            try:
                if reason := failure_of(contents[device]):
                    self._lose([device], Reason(in_short(reason), reason.trace))
                else:
                    self._answers[device] = self._unpack(contents[device], device=device)
                    self.silent.pop(device, None)
            except MessageError as error:
                self._lose([device], reason_of(error, device))

    def _lose(self, devices: Iterable[int], reason: str) -> None:
        for device in devices:
            self.lost[device] = reason
            self.silent.pop(device, None)
