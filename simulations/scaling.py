"""Measure what runs of more and more devices cost, each of which starts from nothing heard."""

import sys
from pathlib import Path
from typing import Annotated

import typer

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the benchmarks are in no wheel

from rich.console import Console

from benchmarks.builds import this_build
from benchmarks.machine import machine_facts
from benchmarks.scaling import Size, read_sizes, sizes, write_sizes
from fedasc.cli.phases import Phases
from fedasc.cli.terminal import guarded
from fedasc.cpus import usable_cpus
from fedasc.errors import SettingsError


def main(
    devices: Annotated[list[int] | None, typer.Argument(help="Numbers of devices.")] = None,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = usable_cpus(),
    page: Annotated[
        Path, typer.Option(help="File (Markdown); numbers and picture are put beside it.")
    ] = Path("docs/scaling.md"),
    again: Annotated[
        bool, typer.Option("--again", help="Make the page anew of what is beside it.")
    ] = False,
) -> None:
    """Run so many devices with small days, smallest first, and write a page after each run."""
    console = Console(stderr=True)
    with guarded(console), Phases(console) as phases:
        if again:
            write_sizes(page, *read_sizes(page.with_suffix(".json")))
            return
        if not devices:
            raise SettingsError("name numbers of devices, such as 2000 20000")
        numbers = sorted(set(devices))
        build, facts = this_build(), machine_facts()
        conditions = {
            "command": f"python simulations/scaling.py {' '.join(map(str, numbers))}",
            "commit": build.commit,
            "processor": facts["processor"],
            "n_cores": facts["n_cores"],
        }
        done: list[Size] = []
        for size in sizes(build, numbers, n_workers=workers, progress=phases):
            done.append(size)
            write_sizes(page, conditions, done)
            console.print(
                f"{size.n_devices:,} devices: {size.seconds:,.0f} s, {size.device_ms:.1f} ms each"
            )


if __name__ == "__main__":
    typer.run(main)
