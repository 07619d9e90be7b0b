"""A map of conditions, cut into slices of two axes that can be drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fedasc.experiments.conditions import AXES, WhenPlan, word
from fedasc.report.rows import Row

_WORDS = {
    "familiarity": "share of tomorrow's windows that is familiar",
    "sources": "recordings that a user hears",
    "evenness": "evenness of scenes",
    "answers": "questions answered",
    "heard": "windows of a day",
    "users": "users",
}

Segment = tuple[tuple[float, float], tuple[float, float]]
"""From (x, y) to (x, y), where cell (i, j) has its middle at x = j, y = i."""


@dataclass(frozen=True, eq=False)
class Slice:
    """A part of a map.

    Args:
        title: What is so in all of it and otherwise in other slices; empty if there is one slice.
        x, y: Names of its axes.
        x_words, y_words: Their values.
        rows: (n_y, n_x) rows of conditions.
    """

    title: str
    x: str
    y: str
    x_words: tuple[str, ...]
    y_words: tuple[str, ...]
    rows: tuple[tuple[Row, ...], ...]

    def column(self, name: str) -> NDArray[np.float64]:
        """(n_y, n_x) what stands in a column."""
        return np.array([[row[name] for row in line] for line in self.rows], np.float64)


def words_of(axis: str) -> str:
    """What an axis is about."""
    return _WORDS[axis]


def slices(plan: WhenPlan, rows: Sequence[Row]) -> list[Slice]:
    """The first axis with several values from left to right, the second one from below upwards.

    Every combination of values of the others has a slice of its own.

    Args:
        rows: See `fedasc.report.when_results.condition_rows`.
    """
    x, y, *_ = dict.fromkeys([*plan.varied, *AXES])
    others = [axis for axis in plan.varied if axis not in (x, y)]
    by_place = {tuple(row[axis] for axis in AXES): row for row in rows}
    fixed = {axis: getattr(plan, axis)[0] for axis in AXES}
    parts = []
    for values in product(*(getattr(plan, axis) for axis in others)):
        here = fixed | dict(zip(others, values, strict=True))
        lines = tuple(
            tuple(
                by_place[tuple((here | {x: right, y: up})[axis] for axis in AXES)]
                for right in getattr(plan, x)
            )
            for up in getattr(plan, y)
        )
        parts.append(
            Slice(
                title=", ".join(f"{words_of(axis)}: {word(here[axis])}" for axis in others),
                x=x,
                y=y,
                x_words=tuple(map(word, getattr(plan, x))),
                y_words=tuple(map(word, getattr(plan, y))),
                rows=lines,
            )
        )
    return parts


def outline(inside: NDArray[np.bool_]) -> list[Segment]:
    """The border of a region of cells: every edge with one of its cells on a single side.

    Args:
        inside: (n_y, n_x)
    """
    padded = np.pad(inside, 1)
    segments: list[Segment] = [
        ((j - 0.5, i - 0.5), (j - 0.5, i + 0.5))
        for i, j in np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]).tolist()
    ]
    segments += [
        ((j - 0.5, i - 0.5), (j + 0.5, i - 0.5))
        for i, j in np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]).tolist()
    ]
    return segments
