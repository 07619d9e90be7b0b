"""Signals that end a command: those of a scheduler or a closed terminal do it as Ctrl-C does."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(KeyboardInterrupt):
    """A signal that asks a command to end.

    Args:
        number: Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def exit_code(interruption: KeyboardInterrupt) -> int:
    """What a shell says of a command that a signal ended."""
    ended_by = interruption.number if isinstance(interruption, Interrupted) else signal.SIGINT
    return 128 + int(ended_by)


@contextmanager
def interruptible() -> Iterator[None]:
    """Where SIGTERM and SIGHUP raise what Ctrl-C raises; who ignores them, as nohup does, may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    taken = [number for number, action in before.items() if action is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)
