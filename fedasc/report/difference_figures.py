"""A comparison as differences: a line for every entry, paired by repetition."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fedasc.report.comparison_points import (
    INTERVALS,
    LINE_IN,
    STYLE,
    draw_point,
    gain_of,
    style_of,
)
from fedasc.report.figures import bounds, explain, save, signed
from fedasc.report.looks import CLASSIFIERS, entry_looks
from fedasc.report.rows import Row


def plot_differences(standings: Sequence[Row], path: Path) -> None:
    """Save `differences_figure` as PNG, PDF and SVG."""
    with mpl.rc_context(STYLE):
        save(differences_figure(standings), path, dpi=200)


def differences_figure(standings: Sequence[Row]) -> Figure:
    """A line for every entry, the best on top: gains over both rivals, and who is worse off.

    Args:
        standings: See `fedasc.report.comparison_results.standings`.
    """
    looks = entry_looks([(row["strategy"], row["aggregator"]) for row in standings])
    ordered = sorted(standings, key=lambda row: gain_of(row, "over_comprehensive")[0])
    figure = Figure(figsize=(7.2, 1.4 + LINE_IN * len(ordered)), layout="constrained")
    *every, harm = figure.subplots(1, 3, sharey=True, width_ratios=(3, 3, 2.6))
    for axes, rival in zip(every, ("baseline", "comprehensive"), strict=True):
        gains = [gain_of(row, f"over_{rival}") for row in ordered]
        low, high = bounds(gains, also=[0.0], reach=6)
        axes.set_xlim(low, high)
        for place, (row, gain) in enumerate(zip(ordered, gains, strict=True)):
            style = style_of(looks[row["strategy"], row["aggregator"]], is_hollow=row["sends_raw"])
            draw_point(axes, place, gain, low, style, is_lying=True)
        axes.axvline(0, color="black", linewidth=0.8, zorder=1)
        axes.set_xlabel(f"gain over {rival} (points)", fontsize=7)
        axes.xaxis.set_major_formatter(FuncFormatter(signed))
    for name, column in (("baseline", "made_worse"), ("comprehensive", "worse_than_comprehensive")):
        look = CLASSIFIERS[name]
        shares = [100 * row[column] for row in ordered]
        harm.plot(shares, range(len(ordered)), ms=4, label=name, **look.as_points())
    harm.set_xlim(-4, 104)
    harm.set_xlabel("users worse than with it (%)", fontsize=7)
    harm.legend(
        ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False, columnspacing=1
    )
    names = [f"{row['strategy']}, {row['aggregator']}" for row in ordered]
    every[0].set_yticks(range(len(ordered)), names, parse_math=False)
    for axes in (*every, harm):
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        axes.tick_params(axis="y", length=0)
    explain(figure, INTERVALS)
    return figure
