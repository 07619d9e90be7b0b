"""What a figure shows, as numbers."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer


def middles(axes: Axes, *, is_lying: bool = False) -> list[float]:
    """Values with error bars, in order.

    Args:
        is_lying: Whether they go to the right.
    """
    lines = [bars.lines[0] for bars in _bars(axes)]
    points = [np.asarray(line.get_xydata())[:, 0 if is_lying else 1] for line in lines]
    return [float(value) for some in points for value in some]


def ends(axes: Axes) -> list[list[float]]:
    """Both ends of each vertical error bar, in order."""
    segments = [part for bars in _bars(axes) for part in bars.lines[2][0].get_segments()]
    parts = [np.asarray(part) for part in segments]
    return [part[:, 1].tolist() for part in parts if part.size and np.isfinite(part).all()]


def marks_zero(axes: Axes, *, is_lying: bool = False) -> bool:
    """Whether there is a line all along where nothing is gained or lost."""
    along = [np.asarray(line.get_xydata())[:, 0 if is_lying else 1] for line in axes.lines]
    return any(values.tolist() == [0, 0] for values in along)


def _bars(axes: Axes) -> list[ErrorbarContainer]:
    return [bars for bars in axes.containers if isinstance(bars, ErrorbarContainer)]
