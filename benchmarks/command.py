"""The command line of the benchmarks."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.against import STAGES as AGAINST
from benchmarks.against import Rivals
from benchmarks.builds import build_of, this_build
from benchmarks.page import write_page
from benchmarks.record import changes, read_record
from benchmarks.run import STAGES, check_stages, run_bench, write_bench
from benchmarks.sizes import FULL, QUICK
from benchmarks.table import bench_table, change_table
from fedasc.atomic import claimed
from fedasc.cli.phases import Phases
from fedasc.cli.terminal import guarded
from fedasc.cpus import usable_cpus
from fedasc.errors import SettingsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def bench(
    stage: Annotated[
        list[str] | None, Text(help=f"What to time, one or more: {', '.join(STAGES)}. (all)")
    ] = None,
    devices: Annotated[
        list[int] | None,
        Text(
            help="Number of devices of users, messages, night and run; may be given more than once."
        ),
    ] = None,
    quick: Annotated[bool, Text(help="Little work and few rounds, to see that it runs.")] = False,
    workers: Annotated[
        int, Text(help="Processes of messages, night and run.", min=1)
    ] = usable_cpus(),
    against: Annotated[
        str | None,
        Text(
            help="Commit whose build is timed beside this one, in an environment of its own. "
            f"Further stages: {', '.join(AGAINST)}."
        ),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        Text(help="Manifest of the recordings with --against, one or more. (an embedded corpus)"),
    ] = None,
    prepare: Annotated[
        bool, Text(help="With --against: make its environment, have all devices listen, and end.")
    ] = False,
    compare: Annotated[Path | None, Text(help="bench.json of an earlier run.")] = None,
    page: Annotated[
        Path | None,
        Text(
            help="File (Markdown) for tables of the times; what they are made of is put beside it."
        ),
    ] = None,
    again: Annotated[
        bool, Text("--again", help="Make the --page of what is beside it, and time nothing.")
    ] = False,
    out: Annotated[Path | None, Text(help="Folder for the results. (bench/<time>)")] = None,
) -> None:
    """Time every stage of a night, and the whole, against what a user would do otherwise.

    All ways of a stage must agree before they are timed, in turn, round after round.
    """
    console = Console(stderr=True)
    folder = out or Path("bench") / datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
    if again:
        with guarded(console):
            if not page:
                raise SettingsError("--again makes a page; give --page, too")
            write_page(page, read_record(page.with_suffix(".json")))
        return
    with guarded(console), claimed(folder), Phases(console) as phases:
        chosen = stage or (*STAGES, *(AGAINST if against else ()))
        check_stages(chosen, also=AGAINST if against else ())
        if not against and (corpus or prepare):
            raise SettingsError("--corpus and --prepare go with --against COMMIT")
        sizes = QUICK if quick else FULL
        if devices:
            numbers = tuple(sorted(set(devices)))
            sizes = replace(
                sizes, averaging=numbers, messages=numbers, nights=numbers, whole_runs=numbers
            )
        before = read_record(compare) if compare else None
        rivals = None
        if against:
            other = build_of(against, progress=phases)
            rivals = Rivals(this_build(), other, corpus or (), n_workers=workers, progress=phases)
        if rivals and prepare:
            rivals.prepare(chosen, sizes)
            return
        record = run_bench(
            chosen,
            sizes,
            n_workers=workers,
            rivals=rivals,
            command=_as_typed(sys.argv[1:]),
            progress=phases,
        )
        write_bench(folder, record)
        if page:
            write_page(page, record)
    output = Console()
    output.print(bench_table(record))
    if before:
        output.print(change_table(changes(before, record), before, record))
    output.print(f"Everything in {folder}", soft_wrap=True)


def _as_typed(words: Sequence[str]) -> str:
    """The command, without where somebody's files are."""
    named = [Path(word).name if Path(word).is_absolute() else word for word in words]
    return f"python simulations/bench.py {shlex.join(named)}".strip()
