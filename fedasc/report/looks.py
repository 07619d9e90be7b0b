"""What things look like in all figures: one colour for one thing, told apart by all eyes.

Three families share no hue: classifiers (Okabe and Ito 2008), scenes (Tol 2021, light), and series
of what has no place of its own, such as profiles, strategies and aggregators (Tol 2021, muted),
where the marker tells apart what a colour doesn't.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeVar

from fedasc.scenes import SCENE_NAMES


@dataclass(frozen=True)
class Look:
    """How a thing is drawn.

    Args:
        colour: As #rrggbb.
        marker, line: In Matplotlib's words.
        is_hollow: Whether its marker is an outline.
        edge: Colour of the outline, if another.
    """

    colour: str
    marker: Any
    line: str = "-"
    is_hollow: bool = False
    edge: str = ""

    @property
    def face(self) -> str:
        """What the marker is filled with."""
        return "white" if self.is_hollow else self.colour

    def as_line(self) -> dict[str, Any]:
        """What `matplotlib.axes.Axes.plot` takes."""
        return {**self.as_points(), "linestyle": self.line}

    def as_points(self) -> dict[str, Any]:
        """What it takes where points aren't joined."""
        return {
            "color": self.colour,
            "marker": self.marker,
            "markerfacecolor": self.face,
            "markeredgecolor": self.edge or self.colour,
            "linestyle": "",
        }


CLASSIFIERS: Mapping[str, Look] = {
    "baseline": Look("#999999", "s", ":"),
    "personal": Look("#0072b2", "o", "-"),
    "comprehensive": Look("#d55e00", "^", "--"),
    "teacher": Look("#000000", "h", "-."),
}

SCENES = dict(zip(SCENE_NAMES, ("#bbcc33", "#ffaabb", "#99ddff", "#ee8866"), strict=True))
"""Their colours."""

NOISE_MAP, GENRE_MAP, CONFUSION_MAP = "BuPu", "YlOrBr", "Greys"
"""Colour maps of shares, white where there is none."""

_COLOURS = (
    *("#332288", "#cc6677", "#117733", "#ddcc77"),
    *("#aa4499", "#44aa99", "#882255", "#999933"),
)
_MARKERS: tuple[Any, ...] = (
    *("o", "s", "D", "^", "v", "P", "X", "<"),
    *("*", ">", r"$\heartsuit$", "p", r"$\clubsuit$", "d", r"$\spadesuit$", (4, 1, 0)),
)
"""What has the same colour has a marker that is far from alike."""
_LINES = ("-", "--", ":", "-.")

Name = TypeVar("Name", bound=Hashable)


def series(names: Iterable[Name]) -> dict[Name, Look]:
    """A look for every name, in order of appearance.

    The first sixteen have markers of their own, and the next sixteen the same as outlines.
    """
    return {name: _look(n) for n, name in zip(count(), dict.fromkeys(names), strict=False)}


def entry_looks(entries: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Look]:
    """Looks of pairs: colours tell the first of each apart, and markers the second.

    From the ninth colour on they come again, with black edges.
    """
    firsts = [*dict.fromkeys(first for first, _ in entries)]
    markers = series(second for _, second in entries)
    return {
        (first, second): replace(
            _look(firsts.index(first) % len(_COLOURS)),
            marker=markers[second].marker,
            edge="black" if firsts.index(first) // len(_COLOURS) % 2 else "",
        )
        for first, second in dict.fromkeys(entries)
    }


def _look(number: int) -> Look:
    return Look(
        _COLOURS[number % len(_COLOURS)],
        _MARKERS[number % len(_MARKERS)],
        _LINES[number // len(_COLOURS) % len(_LINES)],
        bool(number // len(_MARKERS) % 2),
    )
