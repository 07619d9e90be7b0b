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

from fedasc.report.figures import save
from fedasc.report.paper_results import median_of
from fedasc.report.rows import Row

_COLUMN_INCHES = 8.5 / 2.54
_DPI = 300
_BASELINE, _COMPREHENSIVE, _PERSONAL, _TEACHER = "#bbbbbb", "#e69f00", "#56b4e9", "#0072b2"
_STYLE: dict[Any, Any] = {
    "font.size": 7,
    "axes.labelsize": 7,
    "axes.titlesize": 8,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6.5,
    "axes.linewidth": 0.6,
    "pdf.fonttype": 42,
    "figure.constrained_layout.h_pad": 0.02,
    "figure.constrained_layout.w_pad": 0.02,
}
_LEVELS = {"teacher": ("--", _TEACHER), "comprehensive": (":", _COMPREHENSIVE)}
_SHORT = {"baseline": "B.", "comprehensive": "C."}


def plot_figure_3(rows: Sequence[Row], users: Sequence[str], stem: Path) -> None:
    """The comprehensive against the baseline classifier for typical users, as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    systems = ("comprehensive", "baseline")
    with mpl.rc_context(_STYLE):
        figure, grid = _panels(users, {"accuracy": "accuracy (%)"}, height_in=2.0)
        for axes, user in zip(grid[0], users, strict=True):
            _boxes(axes, [row for row in rows if row["user"] == user], systems, "accuracy")
            axes.set_xticks(range(2), systems)
        save(figure, stem, dpi=_DPI)


def plot_figure_4(rows: Sequence[Row], users: Sequence[str], stem: Path) -> None:
    """Rivals and personal classifiers for distant users: accuracy, and the class noise below.

    Args:
        stem: Path without a suffix.
    """
    scores = {"accuracy": "accuracy (%)", "noise": "class noise (%)"}
    with mpl.rc_context(_STYLE):
        figure, grid = _panels(users, scores, height_in=3.6)
        for column, user in enumerate(users):
            shown = [row for row in rows if row["user"] == user]
            names = dict.fromkeys(row["system"] for row in shown)
            systems = [name for name in names if name not in ("distilled", "teacher")]
            for axes, score in zip(grid[:, column], scores, strict=True):
                _boxes(axes, shown, systems, score)
                for rival, (style, colour) in _LEVELS.items():
                    of_rival = [row for row in shown if row["system"] == rival]
                    level = 100 * median_of(of_rival, score)
                    axes.axhline(level, linestyle=style, color=colour, linewidth=0.9, zorder=1)
            grid[1, column].set_xticks(range(len(systems)), [_short(name) for name in systems])
            grid[1, column].set_xlabel("components N")
        boxes = (
            ("baseline (B.)", _BASELINE),
            ("personal", _PERSONAL),
            ("comprehensive (C.; line: median)", _COMPREHENSIVE),
        )
        figure.legend(
            handles=[
                *(
                    Patch(facecolor=colour, edgecolor="black", linewidth=0.5, label=label)
                    for label, colour in boxes
                ),
                Line2D([], [], color=_TEACHER, linestyle="--", linewidth=0.9, label="teacher"),
            ],
            ncols=2,
            loc="outside upper center",
            frameon=False,
            handlelength=1.8,
            columnspacing=1.0,
            labelspacing=0.3,
        )
        save(figure, stem, dpi=_DPI)


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
    colours = {"baseline": _BASELINE, "comprehensive": _COMPREHENSIVE}
    for box, name in zip(drawn["boxes"], systems, strict=True):
        box.set_facecolor(colours.get(name, _PERSONAL))
    axes.grid(axis="y", linewidth=0.3, alpha=0.6)
    axes.tick_params(length=2, pad=1.5)


def _short(system: str) -> str:
    """A system's name below its box: of personal ones the number of components."""
    return _SHORT.get(system, system.removeprefix("N=").replace(" full", "\nfull"))
