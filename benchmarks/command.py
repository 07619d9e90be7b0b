"""The command line of the benchmarks."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.record import changes, read_record
from benchmarks.run import STAGES, check_stages, run_bench, write_bench
from benchmarks.sizes import FULL, QUICK
from benchmarks.table import bench_table, change_table
from fedasc.atomic import claimed
from fedasc.cli.terminal import Phases, guarded
from fedasc.cpus import usable_cpus

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Text = typer.Option


@app.command()
def bench(
    stage: Annotated[
        list[str] | None, Text(help=f"What to time, one or more: {', '.join(STAGES)}. (all)")
    ] = None,
    devices: Annotated[
        list[int] | None,
        Text(help="Number of devices of users, messages and night; may be given more than once."),
    ] = None,
    quick: Annotated[bool, Text(help="Little work and few rounds, to see that it runs.")] = False,
    workers: Annotated[int, Text(help="Processes of messages and night.", min=1)] = usable_cpus(),
    compare: Annotated[Path | None, Text(help="bench.json of an earlier run.")] = None,
    out: Annotated[Path | None, Text(help="Folder for the results. (bench/<time>)")] = None,
) -> None:
    """Time every stage of a night, and the whole, against what a user would do otherwise.

    All ways of a stage must agree before they are timed, in turn, round after round.
    """
    console = Console(stderr=True)
    folder = out or Path("bench") / datetime.now().strftime("%Y-%m-%d-%H-%M-%S")
    with guarded(console), claimed(folder), Phases(console) as phases:
        chosen = stage or STAGES
        check_stages(chosen)
        sizes = QUICK if quick else FULL
        if devices:
            numbers = tuple(sorted(set(devices)))
            sizes = replace(sizes, averaging=numbers, messages=numbers, nights=numbers)
        before = read_record(compare) if compare else None
        record = run_bench(chosen, sizes, n_workers=workers, progress=phases)
        write_bench(folder, record)
    output = Console()
    output.print(bench_table(record))
    if before:
        output.print(change_table(changes(before, record), before, record))
    output.print(f"Everything in {folder}", soft_wrap=True)
