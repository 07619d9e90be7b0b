"""What releases give away, as pictures: the ROC of attacks, and gain against what it costs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fedasc.audio import FloatArray
from fedasc.privacy.roc import FPR_GRID
from fedasc.report.figures import COLOURS, plain, save
from fedasc.report.rows import Row

_STYLE: dict[Any, Any] = {"font.size": 8, "axes.linewidth": 0.6, "pdf.fonttype": 42}
_LINES = ("-", "--", ":", "-.")
_CHANCE = 0.5


def plot_privacy(rows: Sequence[Row], stem: Path) -> None:
    """Save `gain_figure` as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    with mpl.rc_context(_STYLE):
        save(gain_figure(rows), stem, dpi=200)


def plot_roc(curves: Mapping[tuple[str, str], FloatArray], stem: Path) -> None:
    """Save `roc_figure` as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    with mpl.rc_context(_STYLE):
        save(roc_figure(curves), stem, dpi=200)


def gain_figure(rows: Sequence[Row]) -> Figure:
    """Gain over the control of every release against how surely it tells of recordings.

    The best place is the upper left. Bars are 95 % intervals; those of few splits go on beyond the
    picture.

    Args:
        rows: See `fedasc.report.privacy_results.told_together`.
    """
    figure = Figure(figsize=(7.2, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(_CHANCE, color="black", linewidth=0.8)
    for number, row in enumerate(rows):
        gain, auc = "over_control", "recording_auc"
        axes.errorbar(
            row[auc],
            100 * row[f"{gain}_mean"],
            xerr=_reach(row, auc, auc, 1),
            yerr=_reach(row, f"{gain}_mean", gain, 100),
            fmt="os^DvP"[number // len(COLOURS) % 6],
            color=COLOURS[number % len(COLOURS)],
            markersize=5,
            elinewidth=0.6,
            label=f"{row['strategy']}, {row['aggregator']}",
        )
    axes.set_ylim(*_ends([100 * row["over_control_mean"] for row in rows]))
    axes.set_xlabel("AUC of telling whether the user was where a recording was made")
    axes.set_ylabel("gain over the control that sends nothing (points)")
    axes.grid(linewidth=0.3, alpha=0.6)
    plain(figure.legend(loc="outside right upper", frameon=False, fontsize=7))
    return figure


def roc_figure(curves: Mapping[tuple[str, str], FloatArray]) -> Figure:
    """A panel for each game, both axes logarithmic; guessing is the diagonal.

    Args:
        curves: See `fedasc.report.privacy_results.roc_curves`.
    """
    games = list(dict.fromkeys(game for game, _ in curves))
    releases = list(dict.fromkeys(release for _, release in curves))
    figure = Figure(figsize=(1.8 + 2.7 * len(games), 3.6), layout="constrained")
    every = figure.subplots(1, len(games), squeeze=False)[0]
    for axes, game in zip(every, games, strict=True):
        axes.plot(FPR_GRID, FPR_GRID, color="black", linewidth=0.6)
        for number, release in enumerate(releases):
            if (game, release) in curves:
                curve = curves[game, release]
                axes.plot(
                    *(FPR_GRID, np.where(curve > 0, curve, np.nan)),
                    color=COLOURS[number % len(COLOURS)],
                    linestyle=_LINES[number // len(COLOURS) % len(_LINES)],
                    linewidth=1.1,
                    label=release if axes is every[0] else None,
                )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(FPR_GRID[0], 1)
        axes.set_ylim(FPR_GRID[0], 1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda rate, _: f"{100 * rate:g} %"))
        axes.set_title(game)
        axes.set_xlabel("false positives")
        axes.grid(linewidth=0.3, alpha=0.6)
    every[0].set_ylabel("true positives")
    plain(figure.legend(loc="outside right upper", frameon=False, fontsize=7))
    return figure


def _ends(gains: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis on which gains lie apart, whatever their intervals."""
    known = [gain for gain in gains if not np.isnan(gain)] or [0.0]
    margin = max(max(known) - min(known), 1.0)
    return min(known) - margin, max(known) + margin


def _reach(row: Row, middle: str, name: str, scale: float) -> list[list[float]] | None:
    """How far an interval reaches down and up; None if there is none."""
    ends = row[middle] - row[f"{name}_low"], row[f"{name}_high"] - row[middle]
    return None if np.isnan(ends).any() else [[scale * max(end, 0)] for end in ends]
