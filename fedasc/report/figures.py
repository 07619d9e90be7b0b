"""What figures have in common."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Told apart by all eyes (Okabe and Ito 2008)."""

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


def save(figure: Figure, stem: Path, *, dpi: int) -> None:
    """As PNG, and as PDF, which is the same whenever it is drawn.

    Args:
        stem: Path without a suffix.
    """
    figure.savefig(stem.with_suffix(".png"), dpi=dpi)
    figure.savefig(stem.with_suffix(".pdf"), metadata={"CreationDate": None})
