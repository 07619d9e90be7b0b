"""How long a night's messages were under way."""

import time

from flwr.app import Message


class Stopwatch:
    """Watches messages: from the first request of each phase to its last reply."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[float, float]] = {}

    def __call__(self, message: Message) -> None:
        now = time.perf_counter()
        kind = message.metadata.message_type
        began, _ = self._spans.get(kind, (now, now))
        self._spans[kind] = began, now

    @property
    def seconds(self) -> float:
        """Sum over the phases; what the server does between them doesn't count."""
        return sum(ended - began for began, ended in self._spans.values())
