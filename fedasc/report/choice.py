"""Variants of settings side by side, as a table on the terminal and as rows for a file."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Group
from rich.text import Text

from fedasc.evaluation.scores import RIVALS
from fedasc.experiments.design import Result
from fedasc.report.rows import Row, gain_columns
from fedasc.report.terminal import Cell, ends, gain, points, share, table_of, text

_SYSTEMS = (*RIVALS, "personal", "teacher")


def choices(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row for each variant: its classifiers' mean accuracy over users and repetitions.

    Beside it stand the gains of the personal classifiers, meaned over users, and those of each user
    over the comprehensive classifier.

    Args:
        results: Of a `fedasc.experiments.choose.choice_design`; of several mixtures of a user's,
            the last one counts.
    """
    names = dict.fromkeys(result.variant.label[0] for result in results)
    return [
        _choice(name, [result for result in results if result.variant.label[0] == name])
        for name in names
    ]


def _choice(variant: str, results: Sequence[Result]) -> dict[str, Any]:
    scores = {
        (result.repetition, record.profile): record.accuracy
        for result in results
        for record in result.records
    }
    users = list(dict.fromkeys(user for _, user in scores))
    numbers = sorted({number for number, _ in scores})

    def of(system: str, *some: str) -> list[float]:
        """By repetition, the mean over some users."""
        return [
            float(np.mean([scores[number, user][system] for user in some])) for number in numbers
        ]

    row = {"variant": variant, **{name: float(np.mean(of(name, *users))) for name in _SYSTEMS}}
    for rival in RIVALS:
        row |= gain_columns(f"over_{rival}", of("personal", *users), of(rival, *users))
    for user in users:
        gains = of("personal", user), of("comprehensive", user)
        row |= gain_columns(f"{user}_over_comprehensive", *gains)
    return row


def choice_table(rows: Sequence[Row]) -> Group:
    """Both rivals and the personal classifiers of every variant."""
    columns: dict[str, Cell] = {
        **{"variant": text("variant"), "base": share("baseline")},
        **{"comp.": share("comprehensive"), "here": share("personal")},
        "over base": gain("over_baseline_mean"),
        "over comp.": lambda row: (
            f"{points(row['over_comprehensive_mean'])} [{ends(row, 'over_comprehensive')}]"
        ),
    }
    title = "Accuracy of personal classifiers, mean over users and splits, in %"
    return Group(
        table_of(rows, columns, title=title),
        Text(
            "base: the baseline C1; comp.: a C1 trained on the comprehensive set, which needs no "
            "device's help. In brackets the 95 % interval of the mean over splits. By user: --out."
        ),
    )
