"""What figures have in common."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from numpy.typing import NDArray

_N_COLUMNS = 3


def panels(
    names: Sequence[str], *, panel_in: tuple[float, float], more_in: tuple[float, float], **how: Any
) -> tuple[Figure, list[Axes]]:
    """A panel of nights for each name, side by side in lines.

    Args:
        panel_in: Width and height of each.
        more_in: Width and height of what stands around them.
        how: What else `matplotlib.figure.Figure.subplots` shall know.
    """
    n_columns = min(len(names), _N_COLUMNS)
    n_lines = -(-len(names) // n_columns)
    size = panel_in[0] * n_columns + more_in[0], panel_in[1] * n_lines + more_in[1]
    figure = Figure(figsize=size, layout="constrained")
    every = figure.subplots(n_lines, n_columns, sharex=True, squeeze=False, **how).ravel()
    for number, axes in enumerate(every):
        axes.set_visible(number < len(names))
        axes.tick_params(labelbottom=number + n_columns >= len(names))
        axes.xaxis.get_major_locator().set_params(integer=True)
    for axes, name in zip(every, names, strict=False):
        axes.set_title(name, parse_math=False)
    return figure, list(every[: len(names)])


def plain(legend: Legend) -> None:
    """Names as they are: a dollar in one is no formula."""
    for text in legend.get_texts():
        text.set_parse_math(False)


def zero(axes: Axes) -> None:
    """Mark where nothing is gained or lost."""
    axes.axhline(0, color="black", linewidth=0.8, zorder=1)


def explain(figure: Figure, text: str) -> None:
    """A line below everything: what boxes, bars and bands are."""
    figure.legend(
        handles=[], title=text, title_fontsize=7, loc="outside lower center", frameon=False
    )


def reach(middle: Any, low: Any, high: Any) -> NDArray[np.float64]:
    """(2, n_values) how far intervals reach down and up, for error bars; NaN where there is none.

    Args:
        middle, low, high: (n_values,) or numbers.
    """
    middle, low, high = (
        np.atleast_1d(np.asarray(part, np.float64)) for part in (middle, low, high)
    )
    return np.maximum([middle - low, high - middle], 0)


def bounds(
    intervals: Sequence[tuple[float, float, float]], *, also: Sequence[float] = (), reach: float
) -> tuple[float, float]:
    """Ends of an axis that hold whole intervals.

    It shows where most of them are: some lie so far below that all others would look the same.

    Args:
        intervals: Middles, lower and upper ends, which may be NaN.
        also: Further values that it holds.
        reach: How far down middles go at most, in distances between the highest and the median.
    """
    middles = np.array([middle for middle, _, _ in intervals if not np.isnan(middle)] or [0.0])
    top = max([*middles, *also])
    least = top - reach * max(top - float(np.median([*middles, *also])), 1.0)
    shown = [part for part in intervals if part[0] >= least]
    ends = [end for part in shown for end in part if not np.isnan(end)]
    ends += [value for value in also if value >= least] or [0.0] * (not ends)
    margin = 0.08 * max(max(ends) - min(ends), 1.0)
    return min(ends) - margin, max(ends) + margin


def signed(value: float, _: Any = None) -> str:
    """A difference as a tick's label."""
    return f"{value:+g}".replace("-", "\u2212") if value else "0"


def save(figure: Figure, path: Path, *, dpi: int) -> None:
    """As PNG, and beside it as PDF and SVG.

    Args:
        path: Of the PNG, or without a suffix.
    """
    for kind, content in contents(figure, dpi=dpi).items():
        path.with_suffix(kind).write_bytes(content)


def contents(figure: Figure, *, dpi: int) -> dict[str, bytes]:
    """PNG, PDF and SVG by suffix: the same to the byte for a figure that is made anew."""
    png = _file(figure, "png", dpi=dpi)
    figure.set_layout_engine(None)  # it is laid out, and needs not be drawn twice for it
    return {".png": png, **vectors(figure)}


def vectors(figure: Figure) -> dict[str, bytes]:
    """PDF, with letters that can be searched and set anew, and SVG, by suffix."""
    with mpl.rc_context({"pdf.fonttype": 42, "svg.hashsalt": "fedasc"}):
        return {
            ".pdf": _file(figure, "pdf", metadata={"CreationDate": None}),
            ".svg": _file(figure, "svg", metadata={"Date": None}),
        }


def _file(figure: Figure, kind: str, **how: Any) -> bytes:
    with BytesIO() as file:
        figure.savefig(file, format=kind, **how)
        return file.getvalue()
