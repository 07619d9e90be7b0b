"""Plots of a run, as figures and as files."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fedasc.audio import FloatArray
from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS, MIN_USERS, RIVALS
from fedasc.experiments.record import R, by_profile
from fedasc.report.figures import explain, reach, signed, zero
from fedasc.report.looks import CLASSIFIERS as LOOKS
from fedasc.report.looks import series


def gains_figure(records: Sequence[R]) -> Figure:
    """Gain of each user over both rivals by profile, in rising order; below zero is worse off."""
    profiles = by_profile(records)
    looks = series(profiles)
    gap = max(1, len(records) // 100)
    figure = Figure(figsize=(8, 5.6), layout="constrained")
    every = figure.subplots(len(RIVALS), 1, sharey=True)
    for axes, rival in zip(every, RIVALS, strict=True):
        start = 0
        centres, words = [], []
        for profile, some in profiles.items():
            gains = np.sort(_differences(some, rival))
            edges = np.arange(start, start + len(gains) + 1)
            # Not bars, which leave gaps where thousands of them are narrower than a pixel.
            axes.stairs(gains, edges, fill=True, color=looks[profile].colour)
            centres.append(start + len(gains) / 2)
            words.append(f"{profile}\n{100 * np.mean(gains < 0):.0f} % worse")
            start += len(gains) + gap
        zero(axes)
        _name(axes, centres, words)
        axes.set_xlim(-gap, start)
        axes.set_ylabel(f"less {rival} (points)")
        axes.yaxis.set_major_formatter(FuncFormatter(signed))
    every[0].set_title("accuracy of the personal classifier, user by user", fontsize=10)
    return figure


def before_after_figure(records: Sequence[R]) -> Figure:
    """Accuracy of every classifier by profile, and what users gain over both rivals."""
    profiles: dict[str, list[R]] = by_profile(records)
    figure = Figure(figsize=(8, 6.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    for number, name in enumerate(CLASSIFIERS):
        values = [
            np.array([100 * record.accuracy[name] for record in some]) for some in profiles.values()
        ]
        _boxes(upper, values, number, len(CLASSIFIERS), name, name)
    for number, rival in enumerate(RIVALS):
        values = [_differences(some, rival) for some in profiles.values()]
        places = _boxes(lower, values, number, len(RIVALS), rival, f"personal less {rival}")
        _means(lower, places, values)
    zero(lower)
    upper.set_ylabel("accuracy on own\nevaluation windows (%)")
    lower.set_ylabel("difference, user by user\n(points)")
    lower.yaxis.set_major_formatter(FuncFormatter(signed))
    for axes in (upper, lower):
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)
        for between in range(1, len(profiles)):
            axes.axvline(between - 0.5, color="0.4", linewidth=0.4)
        axes.set_xlim(-0.5, len(profiles) - 0.5)
    _name(lower, range(len(profiles)), [*profiles])
    upper.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    lower.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    explain(
        figure,
        "boxes: medians and quartiles of users; whiskers: all users; "
        f"diamonds: means with 95 % intervals (Student's t), from {MIN_USERS} users on",
    )
    return figure


def _boxes(
    axes: Axes, values: Sequence[FloatArray], number: int, n_boxes: int, name: str, label: str
) -> FloatArray:
    """A box of a classifier's colour for each profile, at the places that are returned."""
    width = 0.84 / n_boxes
    places = np.arange(len(values), dtype=np.float64) + (number - (n_boxes - 1) / 2) * width
    colour = LOOKS[name].colour
    axes.boxplot(
        values,
        positions=places,
        widths=0.8 * width,
        whis=(0, 100),
        patch_artist=True,
        manage_ticks=False,
        medianprops={"color": "white" if name == "teacher" else "black", "linewidth": 1.2},
        boxprops={"facecolor": colour, "linewidth": 0.6},
        whiskerprops={"linewidth": 0.8},
        capprops={"linewidth": 0.8},
        label=label,
    )
    return places


def _means(axes: Axes, places: FloatArray, values: Sequence[FloatArray]) -> None:
    for place, some in zip(places, values, strict=True):
        if len(some) >= MIN_USERS:
            mean = some.mean()
            axes.errorbar(
                place,
                mean,
                yerr=reach(mean, *interval_of_mean(some)),
                fmt="D",
                color="black",
                markerfacecolor="white",
                markersize=4,
                elinewidth=1,
                capsize=2.5,
                zorder=4,
            )


def _differences(records: Sequence[R], rival: str) -> FloatArray:
    """(n_users,) accuracy of their classifiers less a rival's, in points."""
    return np.array(
        [100 * (record.accuracy["personal"] - record.accuracy[rival]) for record in records]
    )


def _name(axes: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    """Profiles below their places, slanted where they are many."""
    crowded = sum(len(name.partition("\n")[0]) for name in names) > 80 or len(names) > 8
    axes.set_xticks(
        places,
        names,
        parse_math=False,
        fontsize=7 if crowded else 9,
        rotation=45 if crowded else 0,
        ha="right" if crowded else "center",
    )
    axes.tick_params(axis="x", length=0)
