"""A comparison as pictures: what is gained for what is sent, and from night to night."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from fedasc.report.comparison_points import (
    INTERVALS,
    LINE_IN,
    STYLE,
    draw_point,
    gain_of,
    style_of,
)
from fedasc.report.figures import bounds, panels, plain, save, signed, zero
from fedasc.report.looks import CLASSIFIERS, Look, entry_looks, series
from fedasc.report.rows import Row

_LEVELS = {"comprehensive": "comprehensive C1", "teacher": "teacher"}
_GREY = "#666666"
_MORE_LINES = 5
"""Lines that titles and what is between the legends take."""
_DODGE = 0.05
"""Decades between entries that send as much, whose points would hide each other."""


def plot_comparison(standings: Sequence[Row], path: Path) -> None:
    """Save `comparison_figure` as PNG, PDF and SVG."""
    with mpl.rc_context(STYLE):
        save(comparison_figure(standings), path, dpi=200)


def plot_comparison_nights(
    curves: Mapping[tuple[str, ...], Sequence[float]], baseline: tuple[str, ...], path: Path
) -> None:
    """Save `comparison_nights_figure` likewise."""
    with mpl.rc_context(STYLE):
        save(comparison_nights_figure(curves, baseline), path, dpi=150)


def comparison_figure(standings: Sequence[Row]) -> Figure:
    """What every entry gains over the baseline, repetition by repetition, against the bytes sent.

    Args:
        standings: See `fedasc.report.comparison_results.standings`.
    """
    looks = entry_looks([(row["strategy"], row["aggregator"]) for row in standings])
    strategies = {strategy: look for (strategy, _), look in looks.items()}
    aggregators = {aggregator: look for (_, aggregator), look in looks.items()}
    n_lines = len(strategies) + len(aggregators) + _MORE_LINES
    figure = Figure(figsize=(7.2, max(4.8, LINE_IN * n_lines)), layout="constrained")
    axes = figure.subplots()
    nowhere = _place_bytes(axes, [row["bytes_up"] for row in standings])
    baseline = next(row for row in standings if row["is_baseline"])["accuracy"]
    rivals = {name: 100 * (_of_baseline(standings, name) - baseline) for name in _LEVELS}
    gains = [gain_of(row, "over_baseline") for row in standings]
    low, high = bounds(gains, also=[0.0, *rivals.values()], reach=3)
    axes.set_ylim(low, high)
    for row, gain, shift in zip(standings, gains, _shifts(standings), strict=True):
        place = (row["bytes_up"] or nowhere) * 10**shift
        look = looks[row["strategy"], row["aggregator"]]
        draw_point(axes, place, gain, low, style_of(look, is_hollow=row["sends_raw"]))
    axes.set_xlabel(f"bytes up, median over devices\n\n{INTERVALS}")
    axes.set_ylabel("gain over the baseline (points of mean accuracy over users)")
    axes.yaxis.set_major_formatter(FuncFormatter(signed))
    axes.grid(axis="y", linewidth=0.3, alpha=0.6)
    zero(axes)
    lines = [
        axes.axhline(
            rivals[name], color=CLASSIFIERS[name].colour, ls=CLASSIFIERS[name].line,
            lw=0.9, zorder=1, label=words,
        )
        for name, words in _LEVELS.items()
    ]  # fmt: skip
    levels = axes.secondary_yaxis(
        "right", functions=(lambda gain: gain + 100 * baseline, lambda y: y - 100 * baseline)
    )
    levels.set_ylabel("mean accuracy over users (%)")
    figure.legend(handles=lines, ncols=len(lines), loc="outside upper center", frameon=False)
    _explain(figure, standings, strategies, aggregators)
    return figure


def comparison_nights_figure(
    curves: Mapping[tuple[str, ...], Sequence[float]], baseline: tuple[str, ...]
) -> Figure:
    """What every variant gains over the baseline on each night, a panel for each strategy.

    Args:
        curves: By label, see `fedasc.report.comparison_results.night_means`.
        baseline: The label of the one that the others are compared with, night by night.
    """
    looks = series(aggregator for _, aggregator in curves)
    names = list(dict.fromkeys(strategy for strategy, _ in curves))
    gains = {
        label: 100 * (np.array(curve) - np.array(curves[baseline]))
        for label, curve in curves.items()
    }
    figure, every = panels(names, panel_in=(2.4, 1.9), more_in=(0.6, 1.0))
    low, high = bounds([(gain, gain, gain) for some in gains.values() for gain in some], reach=6)
    for axes, name in zip(every, names, strict=True):
        shown = {label: gain for label, gain in gains.items() if label[0] == name}
        for (_, aggregator), gain in shown.items():
            axes.plot(gain, lw=1, ms=3.5, **looks[aggregator].as_line())
        # all panels alike, but for those of what is far below
        if min(gain.min() for gain in shown.values()) >= low:
            axes.set_ylim(low, high)
        zero(axes)
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        axes.yaxis.set_major_formatter(FuncFormatter(signed))
    figure.supxlabel("night", fontsize=8)
    figure.supylabel(f"gain over {', '.join(baseline)} (points)", fontsize=8, parse_math=False)
    handles = [
        Line2D([], [], markersize=3.5, label=name, **look.as_line()) for name, look in looks.items()
    ]
    plain(figure.legend(handles=handles, ncols=4, loc="outside upper center", frameon=False))
    return figure


def _of_baseline(standings: Sequence[Row], name: str) -> float:
    """Accuracy of a rival where the baseline of the grid is at work."""
    return float(next(row for row in standings if row["is_baseline"])[f"{name}_accuracy"])


def _shifts(standings: Sequence[Row]) -> list[float]:
    """How far to move each entry from its place, in decades."""
    sizes = [row["bytes_up"] for row in standings]
    return [
        _DODGE * (sizes[:number].count(size) - (sizes.count(size) - 1) / 2)
        for number, size in enumerate(sizes)
    ]


def _place_bytes(axes: Axes, sizes: Sequence[float]) -> float:
    """A logarithmic axis of bytes with a place of its own for none at all, which is returned."""
    some = [size for size in sizes if size] or [1.0]
    nothing = min(some) / 4
    axes.set_xscale("log")
    axes.set_xlim((nothing if 0 in sizes else min(some)) / 2, 2 * max(some))
    subs = (1, 3) if max(some) > 100 * min(some) else (1, 2, 5)
    decades = [
        float(tick)
        for tick in LogLocator(subs=subs).tick_values(min(some), max(some))
        if min(some) / 1.2 <= tick <= 2 * max(some)
    ]
    axes.set_xticks([nothing, *decades] if 0 in sizes else decades)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(
        FuncFormatter(
            lambda size, _: "nothing" if 0 in sizes and size == nothing else f"{size:,.0f}"
        )
    )
    if 0 in sizes:
        axes.axvline(nothing * 2, color=_GREY, linewidth=0.6)
    return nothing


def _explain(
    figure: Figure,
    standings: Sequence[Row],
    strategies: Mapping[str, Look],
    aggregators: Mapping[str, Look],
) -> None:
    raw = {row["aggregator"]: row["sends_raw"] for row in standings}
    of_strategies = [
        Line2D([], [], **{**look.as_points(), "marker": "o", "markersize": 5}, label=name)
        for name, look in strategies.items()
    ]
    of_aggregators = [
        Line2D(
            [], [], linestyle="", markersize=5, marker=look.marker, color=_GREY, label=name,
            markerfacecolor="white" if raw[name] else _GREY,
        )
        for name, look in aggregators.items()
    ]  # fmt: skip
    hollow = " (hollow: sends what was heard)" if any(raw.values()) else ""
    upper = figure.legend(
        handles=of_strategies, title="strategy", loc="outside right upper", frameon=False
    )
    lower = figure.legend(
        handles=of_aggregators,
        title=f"aggregator{hollow}",
        loc="outside right lower",
        frameon=False,
    )
    plain(upper)
    plain(lower)
