"""Which scenes every classifier takes for which, as a picture."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fedasc.evaluation.scores import CLASSIFIERS, Confusion
from fedasc.experiments.record import DeviceRecord
from fedasc.report.looks import CONFUSION_MAP
from fedasc.scenes import N_SCENES, SCENE_NAMES

_DARK = 55
"""% from which a cell is written on in white."""


def added(confusions: Mapping[str, Confusion], record: DeviceRecord) -> dict[str, Confusion]:
    """With one more user's windows, by classifier; whose device was lost or attacks has none."""
    if record.lost or record.attack:
        return dict(confusions)
    return {
        name: Confusion(record.scores[name].counts + confusions[name].counts)
        if name in confusions
        else record.scores[name]
        for name in CLASSIFIERS
    }


def confusions_figure(confusions: Mapping[str, Confusion]) -> Figure:
    """A panel for each classifier: of each scene's windows, how many were taken for which, in %.

    Args:
        confusions: By classifier, of the windows of all users together.
    """
    figure = Figure(figsize=(7.2, 2.7), layout="constrained")
    every = figure.subplots(1, len(confusions), sharey=True)
    names = [name.replace("_", "\n", 1).replace("_", " ") for name in SCENE_NAMES]
    for axes, (name, confusion) in zip(every, confusions.items(), strict=True):
        _draw(axes, confusion.counts)
        axes.set_title(f"{name}\n{100 * confusion.accuracy:.1f} %", fontsize=8)
        axes.set_xticks(range(N_SCENES), names, fontsize=6.5, rotation=90)
        axes.set_yticks(range(N_SCENES), names, fontsize=6.5)
        axes.tick_params(length=0)
    every[0].set_ylabel("true scene", fontsize=8)
    figure.supxlabel("taken for (% of the true scene's windows, of all users together)", fontsize=8)
    return figure


def _draw(axes: Axes, counts: NDArray[np.int64]) -> None:
    with np.errstate(invalid="ignore"):
        shares = 100 * counts / counts.sum(axis=1, keepdims=True)  # NaN of a scene without windows
    axes.imshow(shares, cmap=CONFUSION_MAP, vmin=0, vmax=100)
    for (true, taken), share in np.ndenumerate(shares):
        if not np.isnan(share):
            colour = "white" if share > _DARK else "black"
            weight = "bold" if true == taken else "normal"
            axes.text(
                *(taken, true, f"{share:.0f}"),
                ha="center", va="center", fontsize=7, color=colour, weight=weight,
            )  # fmt: skip
