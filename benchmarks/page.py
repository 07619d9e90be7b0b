"""Times as a page in Markdown, which is made of a record and of nothing else."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from benchmarks.record import Record, Timed
from benchmarks.table import called, number, times
from benchmarks.timing import Timing
from fedasc.atomic import replaced

_HEAD = """# How fast

This page is made by `python simulations/bench.py --page`, of nothing but what was timed and stands
[beside it]({record}): every single round, and the versions of all libraries.
"""
_COLUMNS = (
    *("", "way", "per second", "ms each", "GFLOP/s", "of sgemm"),
    "fedasc is so many times as fast",
)
_MIB = 2**20


def write_page(path: Path, record: Record) -> None:
    """Write the page, and beside it the record that it is made of."""
    beside = path.with_suffix(".json")
    with replaced(beside) as file:
        file.write(record.as_json().encode())
    with replaced(path) as file:
        file.write(page_of(record, beside.name).encode())


def page_of(record: Record, name: str) -> str:
    """The text of the page.

    Args:
        name: Of the record's file.
    """
    return "\n".join([_HEAD.format(record=name), *_conditions(record), "", *_tables(record)]) + "\n"


def _conditions(record: Record) -> Iterator[str]:
    machine = record.machine
    yield f"- When: {record.began}; commit `{record.commit}`"
    if record.against:
        yield f"- Beside it: commit `{record.against}`, with an environment and a cache of its own"
    yield f"- How: `{record.command}`"
    yield (
        f"- Where: {machine['processor']}, {machine['n_cores']} cores, of which one reaches "
        f"{machine['sgemm_gflops']:,.0f} GFLOP/s when it multiplies matrices (sgemm)"
    )
    yield (
        "- All ways of a stage ran in turn, round after round: medians of the rounds, and in "
        "brackets the smallest and the largest ratio of a single one"
    )


def _tables(record: Record) -> Iterator[str]:
    """A section for each stage, with its command."""
    for name, group in groupby(record.stages, key=lambda timed: timed.stage):
        some = list(group)
        yield f"## {name}"
        yield ""
        yield from dict.fromkeys(_work(timed) for timed in some)
        yield ""
        yield f"| {' | '.join(_COLUMNS)} |"
        yield f"| {' | '.join('---' for _ in _COLUMNS)} |"
        for timed in some:
            for timing in timed.timings:
                yield f"| {' | '.join(_cells(record, timed, timing))} |"
        yield ""
        yield from _notes(some)
        command = f"python simulations/bench.py {_options(record)}--stage {name}"
        yield f"`{command}`, commit `{record.commit[:7]}`"
        yield ""


def _work(timed: Timed) -> str:
    return (
        f"{timed.work[0].upper()}{timed.work[1:]}; {timed.unit} per second. The ways agree: "
        f"{timed.measure} is at most {timed.tolerance:g}."
    )


def _cells(record: Record, timed: Timed, timing: Timing) -> Iterator[str]:
    device_ms, gflops = timed.device_ms(timing), timing.gflops
    is_ours = timing is timed.timings[0]
    yield called(timed.stage, timed.n_devices) if is_ours else ""
    yield timing.way
    yield number(timing.rate)
    yield "" if device_ms is None else number(device_ms)
    yield "" if gflops is None else number(gflops)
    yield "" if gflops is None else f"{100 * gflops / record.machine['sgemm_gflops']:.0f} %"
    yield "" if is_ours else times(timed.ratio(timing))


def _notes(stages: list[Timed]) -> Iterator[str]:
    for timed in stages:
        for timing in timed.timings:
            if timing.peak_bytes is not None:
                whose = f"{called(timed.stage, timed.n_devices)}, {timing.way}"
                yield f"- {whose}: {timing.peak_bytes / _MIB:,.0f} MiB at most in all processes"
        for way, reason in timed.left_out.items():
            yield f"- without {way}: {reason}"
    if any(timing.peak_bytes or timed.left_out for timed in stages for timing in timed.timings):
        yield ""


def _options(record: Record) -> str:
    return f"--against {record.against[:7]} " if record.against else ""
