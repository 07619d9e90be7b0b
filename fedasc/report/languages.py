"""What it changes that devices run C code, on the terminal and in JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.text import Text

from fedasc.experiments.record import DeviceRecord

Nights = Sequence[Sequence[DeviceRecord]]


def changes(in_c: Nights, in_python: Nights) -> dict[str, Any]:
    """How accuracies of personal classifiers on the last night differ, in points.

    Args:
        in_c, in_python: Records of the same run.
    """
    ours, theirs = (
        {record.device: 100 * record.accuracy["personal"] for record in nights[-1] if record.scores}
        for nights in (in_c, in_python)
    )
    both = sorted(ours.keys() & theirs.keys())
    gaps = np.array([ours[device] - theirs[device] for device in both])
    return {
        "n_accuracies": len(both),
        "n_changed": int((gaps != 0).sum()),
        "most_points": float(np.abs(gaps).max(initial=0)),
        "mean_points": float(gaps.mean()) if len(gaps) else 0.0,
    }


def changes_line(changed: dict[str, Any]) -> Text:
    """The same for people."""
    return Text(
        f"With the C code {changed['n_changed']} of {changed['n_accuracies']} accuracies of "
        f"personal classifiers differ, by {changed['most_points']:.2f} points at most and "
        f"{changed['mean_points']:+.3f} in the mean."
    )
