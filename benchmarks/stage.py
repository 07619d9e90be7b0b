"""A stage: one piece of work that several ways do, which must agree before they are timed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of one way.

    Args:
        seconds: What counts of its wall-clock time.
        result: What came out, to compare with what the others made.
        peak_bytes: Memory of all processes at its highest; None where it isn't watched.
    """

    seconds: float
    result: Any
    peak_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to do the work.

    Args:
        name: What to call it.
        amount: How much of the stage's unit it does in a run; a fast way may do more.
        run: Does it, and says how long it took.
        flops: Floating-point operations of a run, as many as what it computes can't do without;
            see `benchmarks.operations`. None where nobody counts them.
    """

    name: str
    amount: float
    run: Callable[[], Trial]
    flops: float | None = None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the results of two ways must have in common.

    Args:
        deviation: Of the second result from the first, 0 for equal ones.
        tolerance: The largest that still counts as the same work.
        measure: What the deviation is, with its unit.
    """

    deviation: Callable[[Any, Any], float]
    tolerance: float
    measure: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Work that is timed.

    Args:
        name: Which part of a night it is.
        work: What is done, in words; earlier times of the same words can be compared.
        unit: What is counted.
        ways: fedasc's own first, then the rivals.
        agreement: Holds every rival against fedasc.
        n_devices: How many devices take part, where that is what is varied.
        per_device: How much of the unit is one device's share; None where no device has one.
        warm: Whether every way runs once before it is timed. Otherwise the results of the first
            round are what must agree.
        left_out: Rivals that can't be had here, with the reason.
    """

    name: str
    work: str
    unit: str
    ways: tuple[Way, ...]
    agreement: Agreement
    n_devices: int | None = None
    per_device: float | None = None
    warm: bool = True
    left_out: Mapping[str, str] = field(default_factory=dict)


def whole(work: Callable[[], Any]) -> Callable[[], Trial]:
    """A run of which all the time counts."""

    def run() -> Trial:
        began = time.perf_counter()
        result = work()
        return Trial(seconds=time.perf_counter() - began, result=result)

    return run
