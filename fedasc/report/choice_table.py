"""Variants of settings side by side, as a table on the terminal and as rows for a file."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.evaluation.paired import Paired
from fedasc.study.variants import Choice

_SHOWN = ("baseline", "comprehensive", "personal")


def choice_table(choices: Sequence[Choice]) -> Group:
    """Both rivals and the personal classifiers of every variant."""
    table = Table(
        "variant", "base", "comp.", "here", "over base", "over comp.",
        title="Accuracy of personal classifiers, mean over users and splits, in %",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )  # fmt: skip
    for number, column in enumerate(table.columns):
        column.justify = "right" if number else "left"
        column.no_wrap = True
    for its in choices:
        table.add_row(
            Text(its.variant),
            *(f"{100 * its.accuracy[name]:.1f}" for name in _SHOWN),
            f"{100 * its.over_baseline.mean:+.1f}",
            _gain(its.over_comprehensive),
        )
    return Group(
        table,
        Text(
            "base: the baseline C1; comp.: a C1 trained on the comprehensive set, which needs no "
            "device's help. In brackets the 95 % interval of the mean over splits. By user: --out."
        ),
    )


def _gain(gain: Paired) -> str:
    return f"{100 * gain.mean:+.1f} [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"


def choice_rows(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """A row per variant; shares lie between 0 and 1."""
    rows = []
    for its in choices:
        row: dict[str, Any] = {"variant": its.variant, **its.accuracy}
        gains = {
            "over_baseline": its.over_baseline,
            "over_comprehensive": its.over_comprehensive,
            **{f"{user}_over_comprehensive": gain for user, gain in its.by_user.items()},
        }
        for name, gain in gains.items():
            row |= {f"{name}_{part}": value for part, value in asdict(gain).items()}
        rows.append(row)
    return rows
