"""What trackers are told: the same, whichever it is."""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import Brief, honest, judged
from fedasc.plugins import as_section
from fedasc.report.nights import night_rows
from fedasc.settings import Settings
from fedasc.trackers.tracker import Scalar

_TOLD = {
    **{f"{name}/mean": f"{name}_accuracy" for name in CLASSIFIERS},
    **{
        f"gain/{part}": f"gain{end}"
        for part, end in (("mean", ""), ("low", "_low"), ("high", "_high"))
    },
    **{name: name for name in ("made_worse", "n_users", "n_late", "n_missing", "n_lost")},
    "bytes_up": "bytes_up",
}
"""Columns of nights.csv by what trackers call them."""


def night_numbers(records: Sequence[Brief]) -> dict[str, float]:
    """What a night came to, of all devices together and by profile.

    Names are PROFILE/CLASSIFIER/mean and median (accuracies), PROFILE/gain/mean, median, low and
    high (personal less baseline, with the 95 % interval of the mean), PROFILE/made_worse, n_users,
    n_late, n_missing, n_lost, bytes_up and bytes_down (means), as in nights.csv; the profile of all
    users is `all`. What isn't known is left out.

    Args:
        records: Of all devices on a night.
    """
    numbers: dict[str, float] = {}
    for row in night_rows([records]):
        profile = row["profile"]
        some = judged(honest(one for one in records if profile in (one.profile, "all")))
        told = {name: row[column] for name, column in _TOLD.items()}
        for name in CLASSIFIERS:
            told[f"{name}/median"] = float(np.median([one.accuracy[name] for one in some]))
        told["gain/median"] = float(np.median([one.gain for one in some]))
        told["bytes_down"] = float(np.mean([one.bytes_down for one in some]))
        prefix = re.sub(r"[^\w. -]", "_", profile)
        numbers |= {
            f"{prefix}/{name}": float(value) for name, value in told.items() if isfinite(value)
        }
    return numbers


def settings_in_words(settings: Settings) -> dict[str, Scalar]:
    """All settings, by their path with dots."""
    return dict(_flat("", as_section(settings)))


def _flat(path: str, content: Any) -> list[tuple[str, Scalar]]:
    if isinstance(content, Mapping):
        parts: Any = content.items()
    elif isinstance(content, list) and any(isinstance(one, Mapping) for one in content):
        parts = enumerate(content)
    else:
        known = content if isinstance(content, str | int | float) else str(content)
        return [(path, known)]
    return [
        pair
        for name, part in parts
        for pair in _flat(f"{path}.{name}" if path else str(name), part)
    ]
