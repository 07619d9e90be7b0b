"""Times on the terminal."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from benchmarks.record import Change, Record, Timed
from benchmarks.timing import Ratio, Timing

_MIB = 2**20


def bench_table(record: Record) -> Group:
    """Every way of every stage, what it costs, and how many times as fast fedasc is."""
    table = Table(
        *("stage", "way", "per s", "ms each", "GFLOP/s", "times as fast", "off by"),
        title=Text("Medians of the rounds [and the extremes of single ones]"),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, column in enumerate(table.columns):
        column.justify = "right" if place > 1 else "left"
        column.no_wrap = True
    for timed in record.stages:
        for timing in timed.timings:
            table.add_row(*_cells(timed, timing))
        table.add_section()
    return Group(table, *(Text(note) for note in _notes(record)))


def _cells(timed: Timed, timing: Timing) -> tuple[str, ...]:
    device_ms = timed.device_ms(timing)
    is_ours = timing is timed.timings[0]
    return (
        called(timed.stage, timed.n_devices) if is_ours else "",
        timing.way,
        number(timing.rate),
        "" if device_ms is None else number(device_ms),
        "" if timing.gflops is None else number(timing.gflops),
        "" if is_ours else times(timed.ratio(timing)),
        "" if is_ours else f"{timing.deviation:.1g}",
    )


def _notes(record: Record) -> Iterator[str]:
    """What the columns of each stage mean, what is missing, and memory."""
    machine = record.machine
    yield (
        f"{machine['processor']}, {machine['n_cores']} cores; sgemm reaches "
        f"{machine['sgemm_gflops']:,.0f} GFLOP/s on one"
    )
    yield "times as fast: as this way, fedasc is; ms each: of one device or run"
    for timed in {timed.work: timed for timed in record.stages}.values():
        yield f"{timed.stage}: {timed.work}; {timed.unit} per s; off by: {timed.measure}"
    left_out = (timed.left_out.items() for timed in record.stages)
    for name, reason in sorted({item for items in left_out for item in items}):
        yield f"without {name}: {reason}"
    for timed in record.stages:
        for timing in timed.timings:
            if timing.peak_bytes is not None:
                whose = f"{called(timed.stage, timed.n_devices)}, {timing.way}"
                yield f"{whose}: {timing.peak_bytes / _MIB:,.0f} MiB at most in all processes"


def called(stage: str, n_devices: int | None) -> str:
    """A stage with its number of devices, where that varies."""
    return stage if n_devices is None else f"{stage} {n_devices:,}"


def times(ratio: Ratio) -> str:
    """A ratio, with the smallest and the largest of a round."""
    return f"{number(ratio.median)} [{number(ratio.low)}, {number(ratio.high)}]"


def number(value: float) -> str:
    """Three digits, as they are read most easily."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}" if value >= 0.01 else f"{value:.2g}"


def change_table(changes: Sequence[Change], before: Record, now: Record) -> Group:
    """The same work then and now."""
    table = Table(
        *("stage", "way", "then, per s", "now, per s", "now / then"),
        title=f"Against {before.began}",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, column in enumerate(table.columns):
        column.justify = "right" if place > 1 else "left"
    for change in changes:
        table.add_row(
            called(change.stage, change.n_devices),
            change.way,
            number(change.before),
            number(change.now),
            f"{change.ratio:.2f}",
        )
    notes = []
    if not changes:
        notes.append("nothing was timed on both days")
    for fact in ("processor", "n_cores"):
        if before.machine.get(fact) != now.machine.get(fact):
            notes.append(f"another machine: {fact} was {before.machine.get(fact)}")
    return Group(table, *(Text(note) for note in notes))
