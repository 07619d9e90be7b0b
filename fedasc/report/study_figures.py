"""The paper's Figures 3 and 4, for the width of one printed column."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from fedasc.report.study_results import StudyRow, median_of

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
_SHORT = {"baseline": "B.", "comprehensive": "C."}


def plot_figure_3(rows: Sequence[StudyRow], users: Sequence[str], stem: Path) -> None:
    """The comprehensive against the baseline classifier for typical users, as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_COLUMN_INCHES, 2.0), layout="constrained")
        every = figure.subplots(1, len(users), sharey=True, squeeze=False)[0]
        for axes, user in zip(every, users, strict=True):
            its = [row for row in rows if row["user"] == user]
            systems = ("comprehensive", "baseline")
            _boxes(axes, its, systems, "accuracy")
            axes.set_xticks(range(2), ["comprehensive", "baseline"])
            axes.set_title(user, parse_math=False)
        every[0].set_ylabel("accuracy (%)")
        _save(figure, stem)


def plot_figure_4(rows: Sequence[StudyRow], users: Sequence[str], stem: Path) -> None:
    """Rivals and personal classifiers for distant users: accuracy, and the class noise below.

    Args:
        stem: Path without a suffix.
    """
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_COLUMN_INCHES, 3.6), layout="constrained")
        grid = figure.subplots(2, len(users), sharex=True, sharey="row", squeeze=False)
        for column, user in enumerate(users):
            its = [row for row in rows if row["user"] == user]
            systems = [
                name
                for name in dict.fromkeys(r["system"] for r in its)
                if name not in ("distilled", "teacher")
            ]
            for axes, score in zip(grid[:, column], ("accuracy", "noise"), strict=True):
                _boxes(axes, its, systems, score)
                for rival, style, colour in (
                    ("teacher", "--", _TEACHER),
                    ("comprehensive", ":", _COMPREHENSIVE),
                ):
                    level = 100 * median_of([r for r in its if r["system"] == rival], score)
                    axes.axhline(level, linestyle=style, color=colour, linewidth=0.9, zorder=1)
            grid[0, column].set_title(user, parse_math=False)
            grid[1, column].set_xticks(range(len(systems)), [_short(name) for name in systems])
            grid[1, column].set_xlabel("components N")
        grid[0, 0].set_ylabel("accuracy (%)")
        grid[1, 0].set_ylabel("class noise (%)")
        figure.legend(
            handles=[
                Patch(facecolor=_BASELINE, edgecolor="black", linewidth=0.5, label="baseline (B.)"),
                Patch(facecolor=_PERSONAL, edgecolor="black", linewidth=0.5, label="personal"),
                Patch(
                    facecolor=_COMPREHENSIVE,
                    edgecolor="black",
                    linewidth=0.5,
                    label="comprehensive (C.; line: median)",
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
        _save(figure, stem)


def _boxes(axes: Axes, rows: Sequence[StudyRow], systems: Sequence[str], score: str) -> None:
    """A box for each system; whiskers cover all repetitions."""
    values = [[100 * row[score] for row in rows if row["system"] == name] for name in systems]
    thin: dict[str, Any] = {"linewidth": 0.6}
    drawn = axes.boxplot(
        [[value for value in its if not np.isnan(value)] for its in values],
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


def _save(figure: Figure, stem: Path) -> None:
    figure.savefig(stem.with_suffix(".png"), dpi=_DPI)
    figure.savefig(stem.with_suffix(".pdf"))
