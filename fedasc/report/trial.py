"""How classifiers did on recordings, as a table and in words of JSON."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fedasc.live.trial import Trial
from fedasc.report.fitted import FittedTable
from fedasc.report.terminal import interval, percent, points, table_of
from fedasc.scenes import SCENE_NAMES, Scene


def trial_table(trial: Trial, *, over: str) -> FittedTable:
    """A line for each classifier.

    Args:
        over: That gains are over.
    """

    def gained(name: str) -> str:
        return points(trial.gain(name, over)[0]) if name != over else ""

    def recall(scene: Scene, name: str) -> str:
        return percent(trial.confusion(name).recall(scene))

    def between(name: str) -> str:
        return interval(*trial.gain(name, over)[1:]) if name != over else ""

    columns: dict[str, Callable[[str], str]] = {
        "classifier": str,
        "accuracy": lambda name: percent(trial.confusion(name).accuracy),
        **{SCENE_NAMES[scene].replace("_", " "): partial(recall, scene) for scene in Scene},
        f"over {over}": gained,
        "95 % interval": between,
    }
    left = f"; {trial.n_known} clips that the server knows left out" if trial.n_known else ""
    title = f"Accuracy on {len(trial.truth):,} windows of 10 s, in %{left}"
    return table_of(trial.predicted, columns, title=title)


def trial_summary(trial: Trial, *, over: str) -> Mapping[str, Any]:
    """The same for programs."""
    classifiers = {}
    for name in trial.predicted:
        confusion = trial.confusion(name)
        gain, low, high = trial.gain(name, over)
        classifiers[name] = {
            "accuracy": confusion.accuracy,
            "scenes": {SCENE_NAMES[scene]: confusion.recall(scene) for scene in Scene},
            "confusion": confusion.counts.tolist(),
            **({} if name == over else {"gain": gain, "gain_low": low, "gain_high": high}),
        }
    return {
        "n_windows": len(trial.truth),
        "n_known_clips": trial.n_known,
        "over": over,
        "classifiers": classifiers,
    }
