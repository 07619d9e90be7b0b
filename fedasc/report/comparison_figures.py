"""A comparison as pictures: accuracy against what is sent, and from night to night."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from fedasc.report.comparison_results import Standing

_COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"),
    *("#000000", "#8c6d31", "#7b4173", "#637939", "#b5bd00", "#999999"),
    *("#f7b6d2", "#17becf", "#393b79", "#ad494a"),
)
_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8")
_RIVALS = {
    "baseline": (":", "baseline C1"),
    "comprehensive": ("--", "comprehensive C1"),
    "teacher": ("-.", "teacher"),
}
_STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
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


def plot_comparison(standings: Sequence[Standing], stem: Path) -> None:
    """Accuracy of every entry against the bytes that a device sends, as PNG and PDF.

    Args:
        stem: Path without a suffix.
    """
    colours = _looks([its.strategy for its in standings], _COLOURS)
    markers = _looks([its.aggregator for its in standings], _MARKERS)
    with mpl.rc_context(_STYLE):
        n_lines = len(colours) + len(markers) + _MORE_LINES
        figure = Figure(figsize=(7.2, max(4.8, _LINE_IN * n_lines)), layout="constrained")
        axes = figure.subplots()
        nowhere = _place_bytes(axes, [its.bytes_up for its in standings])
        rivals = next(its for its in standings if its.is_baseline).rivals
        low, high = _ends([*(its.accuracy for its in standings), *rivals.values()], reach=3)
        axes.set_ylim(low, high)
        for its, shift in zip(standings, _shifts(standings), strict=True):
            place, value = (its.bytes_up or nowhere) * 10**shift, 100 * its.accuracy
            half = 100 * (its.high - its.low) / 2
            is_below = value < low
            axes.errorbar(
                place,
                max(value, low),
                yerr=None if np.isnan(half) or is_below else half,
                fmt=markers[its.aggregator],
                color=colours[its.strategy],
                markerfacecolor="white" if its.sends_raw else colours[its.strategy],
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
                    color=colours[its.strategy],
                )
        axes.set_xlabel("bytes up, median over devices")
        axes.set_ylabel("mean accuracy over users (%)")
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        lines = _draw_rivals(axes, rivals)
        figure.legend(handles=lines, ncols=len(lines), loc="outside upper center", frameon=False)
        _explain(figure, standings, colours, markers)
        figure.savefig(stem.with_suffix(".png"), dpi=200)
        figure.savefig(stem.with_suffix(".pdf"), metadata={"CreationDate": None})


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


def _shifts(standings: Sequence[Standing]) -> list[float]:
    """How far to move each entry from its place, in decades."""
    sizes = [its.bytes_up for its in standings]
    return [
        _DODGE * (sizes[:number].count(size) - (sizes.count(size) - 1) / 2)
        for number, size in enumerate(sizes)
    ]


def plot_comparison_nights(standings: Sequence[Standing], path: Path) -> None:
    """Mean accuracy of every entry on each night, a panel for each strategy."""
    markers = _looks([its.aggregator for its in standings], _MARKERS)
    colours = _looks([its.aggregator for its in standings], _COLOURS)
    names = list(dict.fromkeys(its.strategy for its in standings))
    n_columns = min(len(names), 3)
    n_lines = -(-len(names) // n_columns)
    baseline = next(its for its in standings if its.is_baseline)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(2.4 * n_columns + 0.6, 1.9 * n_lines + 1.0), layout="constrained")
        every = figure.subplots(n_lines, n_columns, sharex=True, squeeze=False).ravel()
        low, high = _ends([share for its in standings for share in its.by_night], reach=6)
        for axes, name in zip(every, names, strict=False):
            _draw_nights(axes, baseline, color=_GREY, linestyle=":")
            for its in standings:
                if its.strategy == name:
                    look = {"marker": markers[its.aggregator], "color": colours[its.aggregator]}
                    _draw_nights(axes, its, markersize=3.5, **look)
            least = min(min(its.by_night) for its in standings if its.strategy == name)
            if 100 * least >= low:  # all panels alike, but for those of what is far below
                axes.set_ylim(low, high)
            axes.set_title(name, fontsize=8, parse_math=False)
            axes.grid(axis="y", linewidth=0.3, alpha=0.6)
            axes.xaxis.get_major_locator().set_params(integer=True)
        for number, axes in enumerate(every):
            axes.set_visible(number < len(names))
            axes.tick_params(labelbottom=number + n_columns >= len(names))
        figure.supxlabel("night", fontsize=8)
        figure.supylabel("mean accuracy over users (%)", fontsize=8)
        handles = [
            Line2D([], [], marker=markers[name], color=colours[name], markersize=3.5, label=name)
            for name in markers
        ]
        label = f"{baseline.strategy}, {baseline.aggregator}"
        handles.append(Line2D([], [], linestyle=":", color=_GREY, label=label))
        _plain(figure.legend(handles=handles, ncols=4, loc="outside upper center", frameon=False))
        figure.savefig(path, dpi=150)


def _draw_nights(axes: Axes, its: Standing, **look: object) -> None:
    axes.plot(range(len(its.by_night)), [100 * share for share in its.by_night], lw=1, **look)  # type: ignore[arg-type]


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


def _draw_rivals(axes: Axes, rivals: Mapping[str, float]) -> list[Line2D]:
    return [
        axes.axhline(
            100 * rivals[name], color=_GREY, linestyle=style, lw=0.9, zorder=1, label=words
        )
        for name, (style, words) in _RIVALS.items()
    ]


def _explain(
    figure: Figure,
    standings: Sequence[Standing],
    colours: Mapping[str, str],
    markers: Mapping[str, str],
) -> None:
    raw = {its.aggregator: its.sends_raw for its in standings}
    strategies = [
        Line2D([], [], linestyle="", marker="o", color=colour, markersize=5, label=name)
        for name, colour in colours.items()
    ]
    aggregators = [
        Line2D(
            [], [], linestyle="", marker=marker, color=_GREY, markersize=5, label=name,
            markerfacecolor="white" if raw[name] else _GREY,
        )
        for name, marker in markers.items()
    ]  # fmt: skip
    hollow = " (hollow: sends what was heard)" if any(raw.values()) else ""
    places: tuple[
        tuple[str, list[Line2D], Literal["outside right upper", "outside right lower"]], ...
    ]
    places = (
        ("strategy", strategies, "outside right upper"),
        (f"aggregator{hollow}", aggregators, "outside right lower"),
    )
    for title, handles, place in places:
        _plain(figure.legend(handles=handles, title=title, loc=place, frameon=False))


def _plain(legend: Legend) -> None:
    for text in legend.get_texts():
        text.set_parse_math(False)
