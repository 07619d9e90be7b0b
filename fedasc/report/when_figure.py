"""When it pays, as a picture: the gain over the best rival, and the harm beside it."""

from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from fedasc.experiments.conditions import AXES, WhenPlan, word
from fedasc.report.figures import save
from fedasc.report.rows import Row
from fedasc.report.terminal import number, points
from fedasc.report.when_slices import Slice, outline, slices, words_of

_GAIN, _HARM = "PuOr", "Oranges"
"""Orange is bad in both, and told from purple by all eyes (Brewer 2003)."""
_STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "axes.linewidth": 0.6,
}
_CELL_IN = (0.95, 0.55)
_MORE_IN = (2.6, 1.1)
"""Width and height of what stands around the cells of a panel."""
_LEAST_END = 1.0
"""Points that the scale of gains reaches at least."""
_HALF = 50
"""% of users that the scale of harm reaches at least, as by a toss of a coin."""
_BRIGHT = 0.5
_LEAST_IN = 2.6


def plot_when(plan: WhenPlan, rows: Sequence[Row], path: Path) -> None:
    """Save `when_figure` as PNG, PDF and SVG."""
    with mpl.rc_context(_STYLE):
        save(when_figure(plan, rows), path, dpi=200)


def when_figure(plan: WhenPlan, rows: Sequence[Row]) -> Figure:
    """A line of two panels for each slice: gains, with where it pays outlined, and harm.

    Args:
        rows: See `fedasc.report.when_results.condition_rows`.
    """
    parts = slices(plan, rows)
    n_y, n_x = len(parts[0].y_words), len(parts[0].x_words)
    width, height = _CELL_IN[0] * n_x + _MORE_IN[0], _CELL_IN[1] * n_y + _MORE_IN[1]
    in_all = max(height * len(parts) + 0.5, _LEAST_IN)  # beside which the bars' words have room
    figure = Figure(figsize=(2 * width, in_all), layout="constrained")
    grid = figure.subplots(len(parts), 2, squeeze=False)
    end = max(_LEAST_END, *(100 * abs(row["over_best_mean"]) for row in rows))
    gain = ScalarMappable(Normalize(-end, end), mpl.colormaps[_GAIN])
    most = max(_HALF, *(100 * row["worse"] for row in rows))
    harm = ScalarMappable(Normalize(0, most), mpl.colormaps[_HARM])
    for part, (left, right) in zip(parts, grid, strict=True):
        _draw(left, part, part.column("over_best_mean"), gain, _gain_in_words)
        _draw(right, part, part.column("worse"), harm, _harm_in_words)
        left.add_collection(_border(part))
    grid[0, 0].set_title(_title("personal less the best rival", parts[0]), parse_math=False)
    grid[0, 1].set_title(_title("harm", parts[0]), parse_math=False)
    for part, (left, right) in zip(parts[1:], grid[1:], strict=True):
        left.set_title(part.title, parse_math=False)
        right.set_title(part.title, parse_math=False)
    bar = figure.colorbar(gain, ax=grid[:, 0], label="points of accuracy\n(outlined: it pays)")
    bar.ax.axhline(0, color="black", linewidth=1.2)
    figure.colorbar(harm, ax=grid[:, 1], label="users worse than with\nthe comprehensive C1 (%)")
    figure.supxlabel(_beside(plan, parts[0]), fontsize=7, parse_math=False)
    return figure


def _title(what: str, part: Slice) -> str:
    return f"{what}\n{part.title}" if part.title else what


def _border(part: Slice) -> LineCollection:
    """Around all cells where it pays, to be seen on any colour."""
    return LineCollection(
        outline(part.column("pays").astype(bool)),
        colors="black",
        linewidths=2.2,
        capstyle="projecting",
        clip_on=False,
        zorder=3,
        path_effects=[Stroke(linewidth=4, foreground="white"), Normal()],
    )


def _beside(plan: WhenPlan, part: Slice) -> str:
    """What is so in all slices."""
    fixed = [axis for axis in AXES if axis not in (*plan.varied, part.x, part.y)]
    words = [f"{words_of(axis)}: {word(getattr(plan, axis)[0])}" for axis in fixed]
    return ", ".join([*words, f"repetitions: {plan.n_repetitions}"])


def _draw(
    axes: Axes,
    part: Slice,
    shares: NDArray[np.float64],
    colours: ScalarMappable,
    in_words: Callable[[Row], str],
) -> None:
    """A panel of cells, each with its number.

    Args:
        shares: (n_y, n_x) what is coloured, in % of which `colours` are.
    """
    axes.imshow(
        colours.to_rgba(100 * shares), origin="lower", aspect="auto", interpolation="nearest"
    )
    for y, line in enumerate(part.rows):
        for x, row in enumerate(line):
            rgb = colours.to_rgba(np.array([100 * shares[y, x]]))[0, :3]
            bright = float(np.dot(rgb, (0.299, 0.587, 0.114))) > _BRIGHT
            axes.text(
                *(x, y, in_words(row)),
                ha="center",
                va="center",
                fontsize=7,
                color="black" if bright else "white",
            )
    axes.set_xticks(range(len(part.x_words)), part.x_words)
    axes.set_yticks(range(len(part.y_words)), part.y_words)
    for n, line_between in ((len(part.x_words), axes.axvline), (len(part.y_words), axes.axhline)):
        for place in range(1, n):
            line_between(place - 0.5, color="white", linewidth=0.8)
    axes.set_xlabel(words_of(part.x))
    axes.set_ylabel(words_of(part.y))


def _gain_in_words(row: Row) -> str:
    told = _with_ends(points(row["over_best_mean"]), row["over_best_low"], row["over_best_high"])
    return told.replace("-", "\u2212")


def _harm_in_words(row: Row) -> str:
    return f"{number(100 * row['worse'], '.0f')} %"


def _with_ends(value: str, low: float, high: float) -> str:
    return value if isnan(low) else f"{value}\n({points(low)} to {points(high)})"
