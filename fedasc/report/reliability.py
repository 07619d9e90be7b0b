"""Reliability diagram: how often a teacher is right, by how certain it is."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from fedasc.evaluation.calibration import Reliability
from fedasc.experiments.record import DeviceRecord
from fedasc.report.figures import COLOURS, plain

_COLUMN_IN = 3.4


def pooled(records: Sequence[DeviceRecord]) -> dict[str, Reliability]:
    """The windows of each profile's users, and at last of all users, under the name "all"."""
    pools = Pools()
    for record in records:
        pools.add(record)
    return pools.pooled()


class Pools:
    """Windows of users by profile, put together user by user."""

    def __init__(self) -> None:
        self._known: dict[str, Reliability | None] = {}

    def add(self, record: DeviceRecord) -> None:
        """Those of one more user; of devices that were lost or attack they don't count."""
        known = self._known.setdefault(record.profile, None)
        if not (record.lost or record.attack):
            bins = record.reliability
            self._known[record.profile] = bins if known is None else known + bins

    def pooled(self) -> dict[str, Reliability]:
        """By profile as they came, and at last of all users, under the name "all"."""
        pools = {profile: bins for profile, bins in self._known.items() if bins is not None}
        return {**pools, "all": reduce(add, pools.values())}


def plot_reliability(bins: Mapping[str, Reliability], path: Path) -> None:
    """Save `reliability_figure`."""
    reliability_figure(bins).savefig(path, dpi=300)


def reliability_figure(bins: Mapping[str, Reliability]) -> Figure:
    """Accuracy against certainty, and below it the share of windows; one curve for each name.

    Args:
        bins: By name, with the expected calibration error in the legend; "all" is drawn in black.
    """
    figure = Figure(figsize=(_COLUMN_IN, 4.4), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    upper.plot([0, 100], [0, 100], color="#999999", linewidth=0.8, linestyle="--")
    for number, (name, counted) in enumerate(bins.items()):
        everything = name == "all"
        colour = "black" if everything else COLOURS[number % len(COLOURS)]
        certainty, right, share = 100 * counted.curve().T
        upper.plot(
            certainty,
            right,
            marker=".",
            color=colour,
            linewidth=1.6 if everything else 0.8,
            label=f"{name}: {100 * counted.error:.1f}",
        )
        lower.plot(certainty, share, marker=".", color=colour, linewidth=0.8)
    edges = np.arange(0, 101, 25)
    upper.set_xlim(25, 100)
    upper.set_ylim(0, 100)
    upper.set_xticks(edges[1:])
    upper.set_ylabel("right (%)")
    lower.set_ylim(0, None)
    lower.set_ylabel("windows (%)")
    lower.set_xlabel("certainty of the teacher (%)")
    legend = upper.legend(
        title="expected calibration\nerror, in points", fontsize=7, title_fontsize=7
    )
    plain(legend)
    return figure
