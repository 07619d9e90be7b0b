"""What runs cost as devices become more: time of each, and memory of all processes."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter

from benchmarks.builds import Build
from benchmarks.whole_runs import Runs
from fedasc.atomic import replaced
from fedasc.progress import Progress, quiet
from fedasc.report.figures import save

SMALL_DAYS: Mapping[str, Any] = {"listening": {"n_heard": 100, "n_evaluation": 50}}
"""Settings of the runs."""

_HEARD = ("features", "verdicts")
"""Shelves with what devices hear."""

_MB = 1e6


@dataclass(frozen=True, kw_only=True)
class Size:
    """A run of so many devices, none of which had heard anything before.

    Args:
        n_devices: How many.
        seconds: From the start of the process to its end.
        device_seconds: Of these, what passed while devices listened and were served.
        peak_bytes: Memory of all processes at its highest; None where the system doesn't tell.
    """

    n_devices: int
    seconds: float
    device_seconds: float
    peak_bytes: int | None

    @property
    def device_ms(self) -> float:
        """Wall-clock time of a device, in ms."""
        return 1000 * self.device_seconds / self.n_devices


def sizes(
    build: Build, numbers: Sequence[int], *, n_workers: int, progress: Progress = quiet
) -> Iterator[Size]:
    """Runs of small days on the embedded corpus, one after the other.

    The world is made before, in a cache of its own, and what devices heard is removed each time.

    Args:
        numbers: Of devices.
        n_workers: Processes.
    """
    with TemporaryDirectory(prefix="fedasc-") as folder:
        build = replace(build, cache=Path(folder))
        runs = Runs(build, (), SMALL_DAYS, n_workers)
        runs.whole(n_workers)
        for done, n_devices in enumerate(numbers):
            progress("running", done, len(numbers))
            for shelf in _HEARD:
                shutil.rmtree(build.cache / shelf, ignore_errors=True)
            whole, device_seconds = runs.whole_and_devices(n_devices)
            yield Size(
                n_devices=n_devices,
                seconds=whole.seconds,
                device_seconds=device_seconds,
                peak_bytes=whole.peak_bytes,
            )


def read_sizes(path: Path) -> tuple[Mapping[str, Any], list[Size]]:
    """Where and how runs were made, and what they cost, of a file that `write_sizes` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return content["conditions"], [Size(**size) for size in content["sizes"]]


def write_sizes(page: Path, conditions: Mapping[str, Any], found: Sequence[Size]) -> None:
    """A page in Markdown, and beside it the numbers and the picture that stand in it."""
    content = {"conditions": conditions, "sizes": [asdict(size) for size in found]}
    with replaced(page.with_suffix(".json")) as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())
    save(figure_of(found), page.with_suffix(""), dpi=150)
    with replaced(page) as file:
        file.write(page_of(page.stem, conditions, found).encode())


def page_of(name: str, conditions: Mapping[str, Any], found: Sequence[Size]) -> str:
    """The text of the page.

    Args:
        name: Of the files beside it.
    """
    lines = [
        "# How far it scales",
        "",
        f"This page is made by `{conditions['command']}`, of nothing but what stands [beside it]"
        f"({name}.json): runs on {conditions['n_cores']} cores of {conditions['processor']}, "
        f"commit `{conditions['commit'][:7]}`, with days of "
        f"{SMALL_DAYS['listening']['n_heard']} windows heard and "
        f"{SMALL_DAYS['listening']['n_evaluation']} to evaluate, none of them heard before.",
        "",
        "| devices | whole run | per device | memory of all processes, at most |",
        "| ---: | ---: | ---: | ---: |",
        *(
            f"| {size.n_devices:,} | {size.seconds:,.0f} s | {size.device_ms:.1f} ms | "
            f"{_megabytes(size)} |"
            for size in found
        ),
        "",
        f"![Time per device and memory against the number of devices]({name}.png)",
        "",
        "*Per device* is wall-clock time of the phases that last longer the more devices there "
        "are; starting and ending a run isn't in it.",
    ]
    return "\n".join(lines) + "\n"


def _megabytes(size: Size) -> str:
    return "–" if size.peak_bytes is None else f"{size.peak_bytes / _MB:,.0f} MB"


def figure_of(found: Sequence[Size]) -> Figure:
    """Time per device and memory against the number of devices, from zero on."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    numbers = [size.n_devices for size in found]
    _line(left, numbers, [size.device_ms for size in found], "time per device (ms)")
    known = [size for size in found if size.peak_bytes is not None]
    megabytes = [(size.peak_bytes or 0) / _MB for size in known]
    _line(right, [size.n_devices for size in known], megabytes, "memory of all processes (MB)")
    return figure


def _line(axes: Axes, numbers: Sequence[int], values: Sequence[float], label: str) -> None:
    axes.plot(numbers, values, "o-", color="#0072b2")
    axes.set_xscale("log")
    axes.set_xticks(numbers)
    axes.xaxis.set_minor_locator(NullLocator())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.tick_params(axis="x", rotation=30)
    axes.set_ylim(0, 1.15 * max(values, default=1.0))
    axes.set_xlabel("devices")
    axes.set_ylabel(label)
    axes.grid(linewidth=0.3, alpha=0.6)
