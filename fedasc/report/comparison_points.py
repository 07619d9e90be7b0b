"""Entries of a comparison as points: what they gain, with the whole interval."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from fedasc.report.figures import reach, signed
from fedasc.report.looks import Look
from fedasc.report.rows import Row

STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.title_fontsize": 7.5,
}
LINE_IN = 0.17
"""Height of an entry's line, and of a legend's."""
INTERVALS = "bars: 95 % of the mean over repetitions, paired by repetition (Student's t)"


def gain_of(row: Row, name: str) -> tuple[float, float, float]:
    """In points: mean and ends of its interval."""
    mean, low, high = (100 * row[f"{name}_{part}"] for part in ("mean", "low", "high"))
    return mean, low, high


def style_of(look: Look, *, is_hollow: bool) -> dict[str, Any]:
    """How an entry is drawn; what sends what was heard is hollow."""
    return {**look.as_points(), **({"markerfacecolor": "white"} if is_hollow else {})}


def draw_point(
    axes: Axes,
    place: float,
    gain: tuple[float, float, float],
    end: float,
    style: Mapping[str, Any],
    *,
    is_lying: bool = False,
) -> None:
    """A gain with its interval, or where it lies beyond the end of the axis an arrow with it.

    Args:
        is_lying: Whether gains go to the right, rather than up.
    """
    mean = gain[0]
    at = (mean, place) if is_lying else (place, mean)
    if mean >= end:
        bars = (None, reach(*gain)) if is_lying else (reach(*gain), None)
        axes.errorbar(*at, *bars, **style, ms=4.5, elinewidth=0.8, capsize=1.5, zorder=3)
        return
    at = (end, place) if is_lying else (place, end)
    text = signed(round(mean), 0)
    axes.annotate(
        f"\u2190 {text}" if is_lying else f"{text} \u2193",
        at,
        xytext=(2, 0) if is_lying else (0, 5),
        textcoords="offset points",
        ha="left" if is_lying else "center",
        va="center" if is_lying else "bottom",
        fontsize=6,
        color=style["color"],
    )
