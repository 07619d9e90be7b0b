"""The paper's Figures 3 and 4, for the width of one printed column."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from fedasc.evaluation.scores import RIVALS
from fedasc.report.figures import explain, reach, save, signed
from fedasc.report.looks import CLASSIFIERS as LOOKS
from fedasc.report.paper_results import median_of
from fedasc.report.rows import Row

_COLUMN_INCHES = 8.5 / 2.54
_DPI = 300
_STYLE: dict[Any, Any] = {
    "font.size": 7,
    "axes.labelsize": 7,
    "axes.titlesize": 8,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "figure.constrained_layout.h_pad": 0.02,
    "figure.constrained_layout.w_pad": 0.02,
}
_LEVELS = ("teacher", "comprehensive")
_WHISKERS = "boxes: median, quartiles; whiskers: all repetitions"
_SHORT = {"baseline": "B.", "comprehensive": "C."}


def plot_figure_3(rows: Sequence[Row], users: Sequence[str], path: Path) -> None:
    """The comprehensive against the baseline classifier for typical users, as PNG, PDF and SVG."""
    systems = ("comprehensive", "baseline")
    with mpl.rc_context(_STYLE):
        figure, grid = _panels(users, {"accuracy": "accuracy (%)"}, height_in=2.2)
        for axes, user in zip(grid[0], users, strict=True):
            _boxes(axes, [row for row in rows if row["user"] == user], systems, "accuracy")
            axes.set_xticks(range(2), systems)
        explain(figure, _WHISKERS)
        save(figure, path, dpi=_DPI)


def plot_figure_4(rows: Sequence[Row], users: Sequence[str], path: Path) -> None:
    """Rivals and personal classifiers for distant users: accuracy, and the class noise below."""
    teacher = LOOKS["teacher"]
    scores = {"accuracy": "accuracy (%)", "noise": "class noise (%)"}
    with mpl.rc_context(_STYLE):
        figure, grid = _panels(users, scores, height_in=3.8)
        for column, user in enumerate(users):
            shown = [row for row in rows if row["user"] == user]
            names = dict.fromkeys(row["system"] for row in shown)
            systems = [name for name in names if name not in ("distilled", "teacher")]
            for axes, score in zip(grid[:, column], scores, strict=True):
                _boxes(axes, shown, systems, score)
                for rival in _LEVELS:
                    of_rival = [row for row in shown if row["system"] == rival]
                    level = 100 * median_of(of_rival, score)
                    look = LOOKS[rival]
                    axes.axhline(level, ls=look.line, color=look.colour, linewidth=0.9, zorder=1)
            grid[1, column].set_xticks(range(len(systems)), [_short(name) for name in systems])
            grid[1, column].set_xlabel("components N")
        boxes = {
            "baseline": "baseline (B.)",
            "personal": "personal",
            "comprehensive": "comprehensive (C.; line: median)",
        }
        figure.legend(
            handles=[
                *(
                    Patch(facecolor=LOOKS[name].colour, edgecolor="black", lw=0.5, label=label)
                    for name, label in boxes.items()
                ),
                Line2D(
                    [],
                    [],
                    color=teacher.colour,
                    ls=teacher.line,
                    linewidth=0.9,
                    label="teacher (line: median)",
                ),
            ],
            ncols=2,
            loc="outside upper center",
            frameon=False,
            handlelength=1.8,
            columnspacing=1.0,
            labelspacing=0.3,
        )
        explain(figure, _WHISKERS)
        save(figure, path, dpi=_DPI)


def plot_paper_differences(gains: Sequence[Row], users: Sequence[str], path: Path) -> None:
    """What every system gains on every user over both rivals, paired by repetition.

    Args:
        gains: See `fedasc.report.paper_results.differences`.
    """
    systems = [name for name in dict.fromkeys(row["system"] for row in gains) if name not in RIVALS]
    places = {name: -number for number, name in enumerate(systems)}
    with mpl.rc_context(_STYLE):
        height_in = 1.2 + 0.16 * len(systems)
        figure = Figure(figsize=(_COLUMN_INCHES, height_in), layout="constrained")
        every = figure.subplots(1, len(users), sharex=True, sharey=True, squeeze=False)[0]
        for axes, user in zip(every, users, strict=True):
            rows = [row for row in gains if row["user"] == user and row["system"] in places]
            for rival, shift in zip(RIVALS, (0.15, -0.15), strict=True):
                mean, low, high = (
                    100 * np.array([row[f"over_{rival}_{part}"] for row in rows])
                    for part in ("mean", "low", "high")
                )
                axes.errorbar(
                    *(mean, [places[row["system"]] + shift for row in rows]),
                    xerr=reach(mean, low, high), **LOOKS[rival].as_points(), ms=2.5, elinewidth=0.7,
                    label=f"over {rival}" if axes is every[0] else None,
                )  # fmt: skip
            axes.axvline(0, color="black", linewidth=0.8, zorder=1)
            axes.xaxis.set_major_formatter(FuncFormatter(signed))
            axes.set_title(user, parse_math=False)
            axes.grid(linewidth=0.3, alpha=0.6)
            axes.tick_params(length=2, pad=1.5)
        every[0].set_yticks([*places.values()], systems)
        figure.legend(ncols=2, loc="outside upper center", frameon=False)
        explain(figure, "accuracy gained, in points; bars: 95 % of the mean over repetitions")
        save(figure, path, dpi=_DPI)


def _panels(
    users: Sequence[str], scores: Mapping[str, str], *, height_in: float
) -> tuple[Figure, Any]:
    """A column for each user and a line for each score, whose labels are given."""
    figure = Figure(figsize=(_COLUMN_INCHES, height_in), layout="constrained")
    grid = figure.subplots(len(scores), len(users), sharex=True, sharey="row", squeeze=False)
    for axes, user in zip(grid[0], users, strict=True):
        axes.set_title(user, parse_math=False)
    for axes, label in zip(grid[:, 0], scores.values(), strict=True):
        axes.set_ylabel(label)
    return figure, grid


def _boxes(axes: Axes, rows: Sequence[Row], systems: Sequence[str], score: str) -> None:
    """A box for each system; whiskers cover all repetitions."""
    values = [[100 * row[score] for row in rows if row["system"] == name] for name in systems]
    thin: dict[str, Any] = {"linewidth": 0.6}
    drawn = axes.boxplot(
        [[value for value in some if not np.isnan(value)] for some in values],
        positions=range(len(systems)),
        widths=0.65,
        whis=(0, 100),
        patch_artist=True,
        boxprops=thin,
        whiskerprops=thin,
        capprops=thin,
        medianprops={"color": "black", "linewidth": 1.0},
    )
    for box, name in zip(drawn["boxes"], systems, strict=True):
        box.set_facecolor(LOOKS.get(name, LOOKS["personal"]).colour)
    axes.grid(axis="y", linewidth=0.3, alpha=0.6)
    axes.tick_params(length=2, pad=1.5)


def _short(system: str) -> str:
    """A system's name below its box: of personal ones the number of components."""
    return _SHORT.get(system, system.removeprefix("N=").replace(" full", "\nfull"))
