"""What releases give away, as pictures: the ROC of attacks, and gain against what it costs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from fedasc.audio import FloatArray
from fedasc.privacy.roc import FPR_GRID
from fedasc.report.figures import explain, plain, reach, save, signed, zero
from fedasc.report.looks import series
from fedasc.report.rows import Row

_STYLE: dict[Any, Any] = {"font.size": 8, "axes.linewidth": 0.6}
_EVERY = 5
"""Points of a curve from marker to marker."""
_CHANCE = 0.5


def plot_privacy(rows: Sequence[Row], path: Path) -> None:
    """Save `gain_figure` as PNG, PDF and SVG."""
    with mpl.rc_context(_STYLE):
        save(gain_figure(rows), path, dpi=200)


def plot_roc(curves: Mapping[tuple[str, str], FloatArray], path: Path) -> None:
    """Save `roc_figure` as PNG, PDF and SVG."""
    with mpl.rc_context(_STYLE):
        save(roc_figure(curves), path, dpi=200)


def gain_figure(rows: Sequence[Row]) -> Figure:
    """Gain over the control of every release against how surely it tells of recordings.

    The best place is the upper left. Bars are 95 % intervals.

    Args:
        rows: See `fedasc.report.privacy_results.told_together`.
    """
    figure = Figure(figsize=(7.2, 4.8), layout="constrained")
    axes = figure.subplots()
    zero(axes)
    axes.axvline(_CHANCE, color="black", linewidth=0.8, zorder=1)
    names = [f"{row['strategy']}, {row['aggregator']}" for row in rows]
    for (name, look), row in zip(series(names).items(), rows, strict=True):
        gain, low, high = (100 * row[f"over_control_{part}"] for part in ("mean", "low", "high"))
        auc = row["recording_auc"]
        axes.errorbar(
            *(auc, gain),
            xerr=reach(auc, row["recording_auc_low"], row["recording_auc_high"]),
            yerr=reach(gain, low, high),
            **look.as_points(),
            markersize=5,
            elinewidth=0.6,
            label=name,
        )
    axes.yaxis.set_major_formatter(FuncFormatter(signed))
    axes.set_xlabel("AUC of telling whether the user was where a recording was made")
    axes.set_ylabel("gain over the control that sends nothing (points)")
    axes.grid(linewidth=0.3, alpha=0.6)
    plain(figure.legend(loc="outside right upper", frameon=False, fontsize=7))
    explain(figure, "bars: 95 % of the mean over repetitions (Student's t)")
    return figure


def roc_figure(curves: Mapping[tuple[str, str], FloatArray]) -> Figure:
    """A panel for each game, both axes logarithmic; guessing is the diagonal.

    Args:
        curves: See `fedasc.report.privacy_results.roc_curves`.
    """
    games = list(dict.fromkeys(game for game, _ in curves))
    looks = series(release for _, release in curves)
    figure = Figure(figsize=(1.8 + 2.7 * len(games), 4.2), layout="constrained")
    every = figure.subplots(1, len(games), squeeze=False)[0]
    for axes, game in zip(every, games, strict=True):
        axes.plot(FPR_GRID, FPR_GRID, color="black", linewidth=0.6)
        for number, (release, look) in enumerate(looks.items()):
            if (game, release) in curves:
                curve = curves[game, release]
                axes.plot(
                    *(FPR_GRID, np.where(curve > 0, curve, np.nan)),
                    **look.as_line(),
                    linewidth=1.1,
                    markersize=3.5,
                    markevery=(number % _EVERY, _EVERY),  # seldom, and not all at one place
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
    handles = [Line2D([], [], ms=3.5, label=name, **look.as_line()) for name, look in looks.items()]
    plain(figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize=7))
    return figure
