"""Draw the diagrams of the documentation's concepts into docs/diagrams, as SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from fedasc.report.looks import CLASSIFIERS, SCENES

HOME = Path(__file__).parents[1] / "docs" / "diagrams"

DEVICE, SERVER = CLASSIFIERS["personal"].colour, CLASSIFIERS["comprehensive"].colour
SIMULATION = "#555555"
_SETTINGS: Any = {"font.family": "DejaVu Sans", "svg.hashsalt": "fedasc"}


def main() -> None:
    """Draw all of them anew."""
    for name, figure in diagrams().items():
        with mpl.rc_context(_SETTINGS):
            figure.savefig(HOME / f"{name}.svg", metadata={"Creator": None, "Date": None})


def diagrams() -> dict[str, Figure]:
    """By the name of the file."""
    return {"night": night(), "knows": knows(), "split": split(), "privacy": privacy()}


def night() -> Figure:
    """What happens on a device, on the server and between them."""
    figure, axes = _sheet(10, 4.3)
    _area(axes, 0.1, 0.1, 4.3, 3.95, "hearing aid", DEVICE)
    _area(axes, 6.0, 0.1, 3.9, 3.95, "server", SERVER)
    _box(axes, 0.4, 2.75, 1.7, 0.8, ("sound of a day",), DEVICE)
    _box(axes, 2.5, 2.75, 1.7, 0.8, ("features x:", "45 numbers per 10 s"), DEVICE)
    _box(axes, 2.4, 1.45, 1.9, 0.8, ("mixture:", "up to 2,912 numbers"), DEVICE, bold=True)
    _box(axes, 0.4, 0.4, 3.8, 0.7, ("classifier C1 of this user: 544 parameters",), DEVICE)
    _box(axes, 6.2, 2.75, 1.6, 0.8, ("artificial", "samples"), SERVER)
    _box(axes, 8.15, 2.75, 1.6, 0.8, ("teacher says", "which scenes"), SERVER)
    _box(axes, 8.15, 0.4, 1.6, 0.7, ("retrained C1",), SERVER)
    _box(axes, 6.2, 1.35, 1.6, 0.7, ("what the server", "recorded itself"), SERVER)
    _arrow(axes, (2.1, 3.15), (2.5, 3.15), "AMS")
    _arrow(axes, (3.35, 2.75), (3.35, 2.25), "aggregator", beside=True)
    _arrow(axes, (4.3, 1.85), (6.2, 2.9), "11,648 bytes at most", tilt=28.9)
    _arrow(axes, (7.8, 3.15), (8.15, 3.15))
    _arrow(axes, (8.95, 2.75), (8.95, 1.1), "labels", beside=True)
    _arrow(axes, (7.8, 1.55), (8.4, 1.1))
    _arrow(axes, (8.15, 0.75), (4.2, 0.75), "2,537 bytes")
    return figure


def knows() -> Figure:
    """Three rings of knowledge: of the device, of the server, and of the simulation."""
    figure, axes = _sheet(10, 4.2)
    _area(axes, 0.1, 0.1, 9.8, 3.85, "simulation: knows all, tells nobody", SIMULATION)
    _area(axes, 0.4, 1.0, 3.6, 2.5, "device", DEVICE)
    _area(axes, 6.0, 1.0, 3.6, 2.5, "server", SERVER)
    device = ("hears sound, keeps none", "holds features of a day", "makes the summary")
    server = ("own recordings with scenes", "the teacher", "summaries of devices")
    _list(axes, 0.65, 2.75, device)
    _list(axes, 6.25, 2.75, server)
    _arrow(axes, (4.0, 2.6), (6.0, 2.6), "summary")
    _arrow(axes, (6.0, 1.7), (4.0, 1.7), "classifier")
    axes.text(
        5.0,
        0.5,
        "true scenes of the day  ·  evaluation windows  ·  how good each classifier is  ·  probes",
        **_text(9, SIMULATION),
    )
    return figure


def split() -> Figure:
    """Groups that stay together, and the four parts that they are dealt to."""
    figure, axes = _sheet(10, 3.9)
    scenes = [*SCENES.values()][:3]  # noise, music and speech
    groups = (4, 2, 3, 5, 1, 3, 2, 4)
    first = ("train", "train", "validation", "aggregation")
    parts = (*first, "train", "evaluation", "aggregation", "evaluation")
    where = {"train": 1.25, "validation": 3.75, "aggregation": 6.25, "evaluation": 8.75}
    axes.text(5, 3.75, "recordings, by group: a place, a track, a speaker", **_text(10, "black"))
    filled = dict.fromkeys(where, 0.0)
    for number, (n, part) in enumerate(zip(groups, parts, strict=True)):
        left, colour = 0.35 + number * 1.2, scenes[number % len(scenes)]
        _pile(axes, left, 3.05, n, colour)
        x = where[part] - 0.75 + filled[part]
        filled[part] += 0.25 * n + 0.05
        _arrow(axes, (left + 0.42, 2.88), (where[part], 1.72), thin=True)
        _pile(axes, x, 0.95, n, colour, flat=True)
    for part, middle in where.items():
        colour = SERVER if part in ("train", "validation") else DEVICE
        _area(axes, middle - 1.15, 0.55, 2.3, 1.15, part, colour)
    axes.text(2.5, 0.25, "the server's", **_text(10, SERVER))
    axes.text(7.5, 0.25, "the users': by day, and on another day", **_text(10, DEVICE))
    return figure


def privacy() -> Figure:
    """What is asked of a summary, what holds back, and what bounds."""
    figure, axes = _sheet(10, 3.6)
    _box(axes, 0.1, 1.4, 1.6, 0.9, ("what was", "heard"), DEVICE)
    _box(axes, 2.3, 1.4, 2.0, 0.9, ("release stage:", "few windows stay"), DEVICE)
    _box(axes, 4.9, 1.4, 1.6, 0.9, ("noise, if asked", "for: ε"), DEVICE)
    _box(axes, 7.6, 1.4, 2.3, 0.9, ("summary that leaves", "every night"), SERVER, bold=True)
    for left, right in ((1.7, 2.3), (4.3, 4.9), (6.5, 7.6)):
        _arrow(axes, (left, 1.85), (right, 1.85))
    asks = ("was this window heard?", "was she at this place?", "is this the same person?")
    for number, ask in enumerate(asks):
        axes.text(8.75, 3.4 - 0.27 * number, ask, **_text(9, SIMULATION))
    _arrow(axes, (8.75, 2.75), (8.75, 2.32))
    axes.text(3.3, 1.05, "lowers what known attacks find out", **_text(8.5, DEVICE))
    axes.text(3.3, 0.8, "promises nothing about others", **_text(8.5, DEVICE))
    axes.text(5.7, 0.5, "bounds every attack, for a stated unit", **_text(8.5, DEVICE))
    axes.text(5.7, 0.25, "and number of nights", **_text(8.5, DEVICE))
    axes.plot([5.7, 5.7], [0.65, 1.38], color=DEVICE, linewidth=0.6)
    axes.text(8.75, 1.05, "score of an attack:", **_text(8.5, SIMULATION))
    axes.text(8.75, 0.8, "AUC 0.5 guesses, 1 knows", **_text(8.5, SIMULATION))
    return figure


def _sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Axes in which a unit is 0.85 inches, without any marks."""
    figure = Figure(figsize=(0.85 * width, 0.85 * height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    return figure, axes


def _text(size: float, colour: str, *, bold: bool = False) -> dict[str, Any]:
    weight = "bold" if bold else "normal"
    return {"size": size, "color": colour, "ha": "center", "va": "center", "weight": weight}


def _area(
    axes: Axes, x: float, y: float, width: float, height: float, title: str, colour: str
) -> None:
    """A frame with its name on the upper edge."""
    _frame(axes, x, y, width, height, edgecolor=colour, facecolor="none", linewidth=1.2)
    text = axes.text(x + width / 2, y + height, f" {title} ", **_text(10, colour, bold=True))
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})


def _box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    lines: Sequence[str],
    colour: str,
    *,
    bold: bool = False,
) -> None:
    face = mpl.colors.to_rgba(colour, 0.25 if bold else 0.1)
    _frame(axes, x, y, width, height, edgecolor=colour, facecolor=face, linewidth=0.8)
    where = x + width / 2, y + height / 2
    axes.text(*where, "\n".join(lines), **_text(8.5, "black", bold=bold))


def _frame(axes: Axes, x: float, y: float, width: float, height: float, **how: Any) -> None:
    round_corners = "round,pad=0,rounding_size=0.08"
    axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=round_corners, **how))


def _list(axes: Axes, x: float, y: float, lines: Sequence[str]) -> None:
    for number, line in enumerate(lines):
        axes.text(x, y - 0.5 * number, f"•  {line}", size=9, va="center")


def _arrow(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str = "",
    *,
    beside: bool = False,
    tilt: float = 0.0,
    thin: bool = False,
) -> None:
    """An arrow with a text above it, or beside it."""
    style = "-|>,head_length=4,head_width=2"
    colour, width = ("#999999", 0.7) if thin else ("black", 1.1)
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle=style, shrinkA=0, shrinkB=0, color=colour, linewidth=width
        )
    )
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if beside:
        axes.text(middle[0] + 0.08, middle[1], text, size=8, va="center")
    elif text:
        axes.text(
            *(middle[0], middle[1] + 0.13),
            text,
            size=8,
            ha="center",
            va="center",
            rotation=tilt,
            rotation_mode="anchor",
        )


def _pile(axes: Axes, x: float, y: float, n: int, colour: str, *, flat: bool = False) -> None:
    """A group's recordings side by side, in one frame."""
    size = 0.2
    for number in range(n):
        _frame(
            axes,
            x + (0.25 if flat else 0.18) * number,
            y,
            size * (1 if flat else 0.75),
            0.4,
            edgecolor="#555555",
            facecolor=colour,
            linewidth=0.5,
        )


if __name__ == "__main__":
    main()
