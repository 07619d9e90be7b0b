"""Times on the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.bench.record import Change, Record, Timed
from fedasc.bench.timing import Ratio, Timing

_MIB = 2**20


def bench_table(record: Record) -> Group:
    """Every way of every stage, what it costs, and how many times as fast fedasc is."""
    table = Table(
        *("stage", "devices", "way", "per second", "ms a device", "times as fast", "deviates"),
        *("MiB",),
        title="Medians, and how many times as fast fedasc is [smallest and largest of the rounds]",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for number, column in enumerate(table.columns):
        column.justify = "left" if number in (0, 2) else "right"
        column.no_wrap = number != 2
    for timed in record.stages:
        for number, timing in enumerate(timed.timings):
            table.add_row(*_cells(timed, timing, is_first=not number))
        table.add_section()
    machine = record.machine
    notes = [f"{machine['processor']}, {machine['n_cores']} cores"]
    for timed in _each_work(record.stages):
        notes.append(f"{timed.stage}: {timed.work}; deviates: {timed.measure}")
    left_out = {
        f"{timed.stage}: without {name}, {reason}"
        for timed in record.stages
        for name, reason in timed.left_out.items()
    }
    return Group(table, *(Text(note) for note in (*notes, *sorted(left_out))))


def _cells(timed: Timed, timing: Timing, *, is_first: bool) -> tuple[str, ...]:
    device_ms = timed.device_ms(timing)
    return (
        timed.stage if is_first else "",
        f"{timed.n_devices:,}" if is_first and timed.n_devices else "",
        timing.way,
        f"{_number(timing.rate)} {timed.unit}",
        "" if device_ms is None else _number(device_ms),
        "" if is_first else _times(timed.ratio(timing)),
        "" if is_first else f"{timing.deviation:.2g}",
        "" if timing.peak_bytes is None else f"{timing.peak_bytes / _MIB:,.0f}",
    )


def _times(its: Ratio) -> str:
    return f"{_number(its.median)} [{_number(its.low)}, {_number(its.high)}]"


def _number(value: float) -> str:
    """Three digits, as they are read most easily."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}" if value >= 0.01 else f"{value:.2g}"


def _each_work(stages: Sequence[Timed]) -> Sequence[Timed]:
    return list({timed.work: timed for timed in stages}.values())


def change_table(changes: Sequence[Change], before: Record, now: Record) -> Group:
    """The same work then and now."""
    table = Table(
        *("stage", "devices", "way", "then, per s", "now, per s", "now / then"),
        title=f"Against {before.began}",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for number, column in enumerate(table.columns):
        column.justify = "left" if number in (0, 2) else "right"
    for its in changes:
        table.add_row(
            its.stage,
            f"{its.n_devices:,}" if its.n_devices else "",
            its.way,
            _number(its.before),
            _number(its.now),
            f"{its.ratio:.2f}",
        )
    notes = []
    if not changes:
        notes.append("nothing was timed on both days")
    for fact in ("processor", "n_cores"):
        if before.machine.get(fact) != now.machine.get(fact):
            notes.append(f"another machine: {fact} was {before.machine.get(fact)}")
    return Group(table, *(Text(note) for note in notes))
