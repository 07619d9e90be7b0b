"""Checks of a plug-in, one after the other, and what came out of each."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from fedasc.errors import FedascError
from fedasc.faults import line_of
from fedasc.plugins import Plugin
from fedasc.testing.contract import ContractError
from fedasc.traces import is_strangers, line_in

LIMIT_S = 30.0
"""That a check may take; what takes longer would take hours in a run."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something that a plug-in must do.

    Args:
        name: In words.
        run: Raises a ContractError if it doesn't.
        method: Which of its methods it is about.
        cure: What its author may do, if it doesn't.
    """

    name: str
    run: Callable[[], None]
    method: str
    cure: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a check.

    Args:
        name: Of the check.
        seconds: That it took.
        failure: In a line, what must be and what was seen; empty if it passed.
        line: File and line that it is about.
        cure: What to do.
        error: What was raised, for who wants all of it.
    """

    name: str
    seconds: float
    failure: str = ""
    line: str = ""
    cure: str = ""
    error: BaseException | None = None

    @property
    def passed(self) -> bool:
        return not self.failure


def in_words(check: Callable[..., None]) -> str:
    """The name of a function that checks something."""
    return check.__name__.replace("_", " ")


class TooSlowError(BaseException):
    """A check that took too long; nobody takes it for an error of her own."""


def outcomes(
    plugin: Plugin, checks: Sequence[Check], *, limit_s: float = LIMIT_S
) -> Iterator[Outcome]:
    """What comes out of every check; after one that takes too long, no other is tried.

    Args:
        limit_s: For a check; of no account outside of the main thread.
    """
    for check in checks:
        began = time.perf_counter()
        try:
            with _within(limit_s):
                check.run()
        except (Exception, TooSlowError) as error:
            line, slow = line_in(error, is_strangers), isinstance(error, TooSlowError)
            yield Outcome(
                name=check.name,
                seconds=time.perf_counter() - began,
                failure=_told(error) if not slow else f"it took more than {limit_s:g} s",
                line=str(line or line_of(plugin, check.method)),
                cure=_QUICKER if slow else check.cure,
                error=error,
            )
            if slow:
                return
        else:
            yield Outcome(name=check.name, seconds=time.perf_counter() - began)


_QUICKER = (
    "take windows piece by piece as arrays (fedasc.aggregators.aggregator.pieces), train for fewer "
    "epochs by --set, or do less"
)


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, ContractError | FedascError):
        return text
    return f"{type(error).__name__}: {text}"


@contextmanager
def _within(limit_s: float) -> Iterator[None]:
    """Inside, an alarm ends what takes too long, and its traceback tells where that was."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlowError(f"more than {limit_s:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
