"""Reliability diagram: how often a teacher is right, by how certain it is."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

import numpy as np
from matplotlib.figure import Figure

from fedasc.audio import FloatArray
from fedasc.evaluation.calibration import Reliability
from fedasc.experiments.record import DeviceRecord
from fedasc.report.figures import explain, plain, reach
from fedasc.report.looks import CLASSIFIERS, series

_COLUMN_IN = 3.4
MIN_WINDOWS = 50
"""Of a bin whose share that was right is drawn: it is known to 14 points then, or better."""
_Z = 1.959964
"""Standard deviations of a normal distribution on either side of its middle 95 %."""


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


def reliability_figure(bins: Mapping[str, Reliability]) -> Figure:
    """Accuracy against certainty, and below it the share of windows; one curve for each name.

    A share that was right of a few windows says little, so bins of fewer than 50 aren't in the
    upper panel; its bars are 95 % intervals as if windows were drawn one by one (Wilson 1927).

    Args:
        bins: By name, with the expected calibration error in the legend; "all" is the teacher's own
            look.
    """
    figure = Figure(figsize=(_COLUMN_IN, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    upper.plot([0, 100], [0, 100], color="#999999", linewidth=0.8, linestyle="--")
    looks = {**series(name for name in bins if name != "all"), "all": CLASSIFIERS["teacher"]}
    for name, counted in bins.items():
        everything = name == "all"
        how = {**looks[name].as_line(), "markersize": 3.5, "linestyle": "-"}
        certainty, right, share = 100 * counted.curve().T
        many = counted.n_windows[counted.n_windows > 0] >= MIN_WINDOWS
        upper.plot(
            certainty[many],
            right[many],
            linewidth=1.6 if everything else 0.8,
            label=f"{name}: {100 * counted.error:.1f}",
            **how,
        )
        if everything:
            low, high = 100 * wilson(counted)[:, many]
            bars = reach(right[many], low, high)
            upper.errorbar(
                *(certainty[many], right[many], bars),
                fmt="none", ecolor="black", elinewidth=0.8, capsize=2,
            )  # fmt: skip
        lower.plot(certainty, share, linewidth=0.8, **how)
    edges = np.arange(0, 101, 25)
    upper.set_xlim(25, 100)
    upper.set_ylim(0, 100)
    upper.set_xticks(edges[1:])
    upper.set_ylabel("right (%)")
    lower.set_ylim(0, None)
    lower.set_ylabel("windows (%)")
    lower.set_xlabel("certainty of the teacher (%)")
    legend = figure.legend(
        title="expected calibration error, in points",
        fontsize=7,
        title_fontsize=7,
        ncols=3,
        loc="outside upper center",
        frameon=False,
    )
    plain(legend)
    explain(figure, f"above: bins of {MIN_WINDOWS} windows and more;\nbars: 95 % (Wilson), of all")
    return figure


def wilson(counted: Reliability) -> FloatArray:
    """(2, n_filled_bins) ends of 95 % intervals of the shares that were right (Wilson 1927)."""
    n = counted.n_windows[counted.n_windows > 0]
    share = counted.n_right[counted.n_windows > 0] / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return np.stack([middle - half, middle + half])
