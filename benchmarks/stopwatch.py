"""How long the messages of each phase of a night were under way."""

import time

from flwr.app import Message


class Stopwatch:
    """Watches messages go out and come back."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[float, float]] = {}

    def __call__(self, message: Message) -> None:
        now = time.perf_counter()
        kind = message.metadata.message_type
        began, _ = self._spans.get(kind, (now, now))
        self._spans[kind] = began, now

    def seconds(self, kind: str) -> float:
        """From the first request of a phase to its last reply, 0 if nothing came.

        Args:
            kind: Type of the messages, train or evaluate.
        """
        began, ended = self._spans.get(kind, (0.0, 0.0))
        return ended - began
