"""Cost per device against the number of devices, for the width of one printed column."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter

from benchmarks.record import Timed

_COLUMN_INCHES = 8.5 / 2.54
_DPI = 300
_STYLE: dict[Any, Any] = {
    "font.size": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.0,
    "lines.markersize": 3,
}
_COLOURS = {"night": "#0072b2", "users": "#009e73", "messages": "#d55e00"}
_MARKS = ("o-", "s--", "^:")
_LEAST_APART = 1.5


def plot_costs(stages: Sequence[Timed], path: Path) -> None:
    """One line per way of every stage whose number of devices is varied; nothing if there is none.

    Args:
        path: Of a PNG file.
    """
    lines: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    marks: dict[tuple[str, str], str] = {}
    for timed in stages:
        for timing, mark in zip(timed.timings, _MARKS, strict=False):
            device_ms = timed.device_ms(timing)
            if timed.n_devices is not None and device_ms is not None:
                lines[timed.stage, timing.way].append((timed.n_devices, device_ms))
                marks[timed.stage, timing.way] = mark
    if not lines:
        return
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_COLUMN_INCHES, 3.0), layout="constrained")
        axes = figure.subplots()
        for (stage, way), points in lines.items():
            colour = _COLOURS.get(stage, "#999999")
            label = f"{stage}: {way}"
            axes.plot(*zip(*points, strict=True), marks[stage, way], color=colour, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(_apart({n for points in lines.values() for n, _ in points}))
        axes.xaxis.set_minor_locator(NullLocator())
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        axes.set_xlabel("devices")
        axes.set_ylabel("cost per device (ms)")
        axes.grid(linewidth=0.3, alpha=0.6)
        figure.legend(ncols=2, loc="outside upper center", frameon=False, handlelength=2.4)
        figure.savefig(path, dpi=_DPI)


def _apart(numbers: Iterable[int]) -> list[int]:
    """Rising numbers without those that would be printed over the one before."""
    kept: list[int] = []
    for number in sorted(numbers):
        if not kept or number >= _LEAST_APART * kept[-1]:
            kept.append(number)
    return kept
