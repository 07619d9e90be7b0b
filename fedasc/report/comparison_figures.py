"""A comparison as pictures: accuracy against what is sent, and from night to night."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from fedasc.report.figures import panels, plain, save
from fedasc.report.rows import Row

_COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"),
    *("#000000", "#8c6d31", "#7b4173", "#637939", "#b5bd00", "#999999"),
    *("#f7b6d2", "#17becf", "#393b79", "#ad494a"),
)
_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8")
_LEVELS = {
    "baseline": (":", "baseline C1"),
    "comprehensive": ("--", "comprehensive C1"),
    "teacher": ("-.", "teacher"),
}
_STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7.5,
    "pdf.fonttype": 42,
}
_GREY = "#666666"
_LINE_IN = 0.17
"""Height of a line of a legend; both legends stand one above the other."""
_MORE_LINES = 5
"""Lines that titles and what is between the legends take."""
_DODGE = 0.05
"""Decades between entries that send as much, whose points would hide each other."""


def plot_comparison(standings: Sequence[Row], stem: Path) -> None:
    """Accuracy of every entry against the bytes that a device sends, as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    colours = _looks([row["strategy"] for row in standings], _COLOURS)
    markers = _looks([row["aggregator"] for row in standings], _MARKERS)
    with mpl.rc_context(_STYLE):
        n_lines = len(colours) + len(markers) + _MORE_LINES
        figure = Figure(figsize=(7.2, max(4.8, _LINE_IN * n_lines)), layout="constrained")
        axes = figure.subplots()
        nowhere = _place_bytes(axes, [row["bytes_up"] for row in standings])
        baseline = next(row for row in standings if row["is_baseline"])
        rivals = {name: baseline[f"{name}_accuracy"] for name in _LEVELS}
        low, high = _ends([*(row["accuracy"] for row in standings), *rivals.values()], reach=3)
        axes.set_ylim(low, high)
        for row, shift in zip(standings, _shifts(standings), strict=True):
            place, value = (row["bytes_up"] or nowhere) * 10**shift, 100 * row["accuracy"]
            half = 100 * (row["high"] - row["low"]) / 2
            is_below = value < low
            axes.errorbar(
                place,
                max(value, low),
                yerr=None if np.isnan(half) or is_below else half,
                fmt=markers[row["aggregator"]],
                color=colours[row["strategy"]],
                markerfacecolor="white" if row["sends_raw"] else colours[row["strategy"]],
                markersize=4.5,
                elinewidth=0.8,
                capsize=1.5,
                zorder=3,
                clip_on=not is_below,
            )
            if is_below:
                axes.annotate(
                    f"{value:.0f} ↓",
                    (place, low),
                    xytext=(0, 5),
                    textcoords="offset points",
                    ha="center",
                    fontsize=6,
                    color=colours[row["strategy"]],
                )
        axes.set_xlabel("bytes up, median over devices")
        axes.set_ylabel("mean accuracy over users (%)")
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        lines = [
            axes.axhline(100 * rivals[name], color=_GREY, ls=style, lw=0.9, zorder=1, label=words)
            for name, (style, words) in _LEVELS.items()
        ]
        figure.legend(handles=lines, ncols=len(lines), loc="outside upper center", frameon=False)
        _explain(figure, standings, colours, markers)
        save(figure, stem, dpi=200)


def _ends(shares: Iterable[float], *, reach: float) -> tuple[float, float]:
    """Ends of an axis of accuracies, in %.

    It shows where most of them are: some lie so far below that all others would look the same.

    Args:
        reach: How far down it goes at most, in distances between the highest and the median.
    """
    levels = [100 * share for share in shares]
    top = max(levels)
    low = max(min(levels), top - reach * max(top - float(np.median(levels)), 1.0))
    margin = 0.08 * max(top - low, 1.0)
    return low - margin, top + margin


def _shifts(standings: Sequence[Row]) -> list[float]:
    """How far to move each entry from its place, in decades."""
    sizes = [row["bytes_up"] for row in standings]
    return [
        _DODGE * (sizes[:number].count(size) - (sizes.count(size) - 1) / 2)
        for number, size in enumerate(sizes)
    ]


def plot_comparison_nights(
    curves: Mapping[tuple[str, ...], Sequence[float]], baseline: tuple[str, ...], path: Path
) -> None:
    """Mean accuracy of every variant on each night, a panel for each strategy.

    Args:
        curves: By label, see `fedasc.report.comparison_results.night_means`.
        baseline: The label of the one that is drawn in every panel.
    """
    aggregators = [aggregator for _, aggregator in curves]
    markers, colours = _looks(aggregators, _MARKERS), _looks(aggregators, _COLOURS)
    names = list(dict.fromkeys(strategy for strategy, _ in curves))
    grey: dict[str, Any] = {"color": _GREY, "linestyle": ":"}
    with mpl.rc_context(_STYLE):
        figure, every = panels(names, panel_in=(2.4, 1.9), more_in=(0.6, 1.0))
        low, high = _ends([share for curve in curves.values() for share in curve], reach=6)
        for axes, name in zip(every, names, strict=True):
            looks: dict[tuple[str, ...], dict[str, Any]] = {
                label: {"marker": markers[label[1]], "color": colours[label[1]], "markersize": 3.5}
                for label in curves
                if label[0] == name
            }
            for label, look in [(baseline, grey), *looks.items()]:
                curve = [100 * share for share in curves[label]]
                axes.plot(range(len(curve)), curve, lw=1, **look)
            # all panels alike, but for those of what is far below
            if min(100 * min(curves[label]) for label in looks) >= low:
                axes.set_ylim(low, high)
            axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        figure.supxlabel("night", fontsize=8)
        figure.supylabel("mean accuracy over users (%)", fontsize=8)
        handles = [
            Line2D([], [], marker=markers[name], color=colours[name], markersize=3.5, label=name)
            for name in markers
        ]
        handles.append(Line2D([], [], label=", ".join(baseline), **grey))
        plain(figure.legend(handles=handles, ncols=4, loc="outside upper center", frameon=False))
        figure.savefig(path, dpi=150)


def _looks(names: Sequence[str], choices: Sequence[str]) -> dict[str, str]:
    """A look for every name, in order of appearance; from the start again if there are more."""
    return dict(zip(dict.fromkeys(names), cycle(choices), strict=False))


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
    figure: Figure, standings: Sequence[Row], colours: Mapping[str, str], markers: Mapping[str, str]
) -> None:
    raw = {row["aggregator"]: row["sends_raw"] for row in standings}
    point: dict[str, Any] = {"linestyle": "", "markersize": 5}
    strategies = [
        Line2D([], [], marker="o", color=colour, label=name, **point)
        for name, colour in colours.items()
    ]
    aggregators = [
        Line2D(
            [], [], marker=marker, color=_GREY, label=name, **point,
            markerfacecolor="white" if raw[name] else _GREY,
        )
        for name, marker in markers.items()
    ]  # fmt: skip
    hollow = " (hollow: sends what was heard)" if any(raw.values()) else ""
    upper = figure.legend(
        handles=strategies, title="strategy", loc="outside right upper", frameon=False
    )
    lower = figure.legend(
        handles=aggregators, title=f"aggregator{hollow}", loc="outside right lower", frameon=False
    )
    plain(upper)
    plain(lower)
