"""Signals that end a command: those of a scheduler or a closed terminal do it as Ctrl-C does."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

_AGAIN_AFTER_S = 0.1


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
    """Where SIGTERM and SIGHUP raise what Ctrl-C raises; who ignores them, as nohup does, may.

    One that comes where Python can't raise anything, such as in a fork, comes again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    taken = [number for number, action in before.items() if action is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, _interrupt)
    told, sys.unraisablehook = sys.unraisablehook, _come_again
    try:
        yield
    finally:
        sys.unraisablehook = told
        for number in taken:
            signal.signal(number, before[number])


def _come_again(ignored: "sys.UnraisableHookArgs") -> None:
    if isinstance(ignored.exc_value, KeyboardInterrupt):
        number = exit_code(ignored.exc_value) - 128
        again = threading.Timer(_AGAIN_AFTER_S, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(ignored)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted(number)
