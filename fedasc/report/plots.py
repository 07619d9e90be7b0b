"""Plots of a run, as figures and as PNG files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fedasc.experiments.record import R, by_profile
from fedasc.report.figures import COLOURS, plain

_BEFORE, _AFTER = "#999999", "#0072b2"


def plot_gains(records: Sequence[R], path: Path) -> None:
    """Save `gains_figure`."""
    gains_figure(records).savefig(path, dpi=150)


def plot_before_after(records: Sequence[R], path: Path) -> None:
    """Save `before_after_figure`."""
    before_after_figure(records).savefig(path, dpi=150)


def gains_figure(records: Sequence[R]) -> Figure:
    """Gain of each user by profile, in rising order; who is below zero is made worse."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    start, gap = 0, max(1, len(records) // 100)
    for number, (profile, some) in enumerate(by_profile(records).items()):
        gains = np.sort([100 * record.gain for record in some])
        edges = np.arange(start, start + len(gains) + 1)
        colour = COLOURS[number % len(COLOURS)]
        # Not bars, which leave gaps where thousands of them are narrower than a pixel.
        axes.stairs(gains, edges, fill=True, color=colour, label=profile)
        start += len(gains) + gap
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks([])
    axes.set_xlabel("users, by profile and gain")
    axes.set_ylabel("accuracy, personal less baseline (points)")
    plain(figure.legend(title="profile", ncols=6, loc="outside upper center"))
    return figure


def before_after_figure(records: Sequence[R]) -> Figure:
    """Accuracy before and after the night, by profile; whiskers cover all users."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    profiles = by_profile(records)
    for offset, key, colour in ((-0.2, "baseline", _BEFORE), (0.2, "personal", _AFTER)):
        values = [[100 * record.accuracy[key] for record in some] for some in profiles.values()]
        boxes = axes.boxplot(
            values,
            positions=np.arange(len(profiles)) + offset,
            widths=0.35,
            whis=(0, 100),
            patch_artist=True,
            medianprops={"color": "black"},
            label=key,
        )
        for box in boxes["boxes"]:
            box.set_facecolor(colour)
    for key, style in (("comprehensive", "_"), ("teacher", "x")):
        medians = [
            np.median([100 * record.accuracy[key] for record in some]) for some in profiles.values()
        ]
        axes.plot(range(len(profiles)), medians, style, color="#d55e00", ms=12, label=key)
    axes.set_xticks(range(len(profiles)), profiles, parse_math=False)
    axes.set_xlabel("profile")
    axes.set_ylabel("accuracy on own evaluation windows (%)")
    figure.legend(ncols=4, loc="outside upper center")
    return figure
