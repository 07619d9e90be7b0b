"""The paper's experiments as tables on the terminal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isnan

from rich.console import Group
from rich.text import Text

from fedasc.report.fitted import FittedTable
from fedasc.report.paper_results import median_of
from fedasc.report.rows import Row
from fedasc.report.terminal import (
    Cell,
    number,
    percent,
    points,
    share,
    table_of,
    text,
    time_spent,
)

_REASONS: Mapping[str, tuple[str, str, float]] = {
    "bytes": ("bytes_up", ",.0f", 1),
    "kept": ("share_kept", ".0f", 100),
    "shift": ("label_shift", ".0f", 100),
    "energy": ("energy_distance", ".3f", 1),
    "halves": ("energy_halves", ".3f", 1),
    "other": ("energy_evaluation", ".3f", 1),
    "AUC": ("two_sample_auc", ".2f", 1),
    "sure": ("certain_share", ".0f", 100),
    "wrong": ("certain_error", ".0f", 100),
}
"""Column, format and factor by heading."""

_PLACE: Mapping[str, Cell] = {"user": text("user"), "system": text("system")}


def paper_table(gains: Sequence[Row], rows: Sequence[Row], seconds: Mapping[str, float]) -> Group:
    """What came out and why, in 80 columns.

    Args:
        gains: Of every system on every user, see `fedasc.report.paper_results.differences`.
        rows: By point.
        seconds: By phase.
    """
    return Group(
        _gains(
            f"Accuracy in %, {gains[0]['n_repetitions']} repetition(s)", gains, "accuracy", "", ""
        ),
        _gains("The class noise alone, in %", gains, "noise", "noise_", "_noise"),
        Text(
            "Medians; of gains, in points and within repetitions, also the 95 % interval of the "
            "mean. base: the baseline C1; comp.: a C1 trained on the comprehensive set, which "
            "needs no device's help."
        ),
        _reasons(rows),
        Text(
            "Medians. kept: % of the samples drawn; shift: of scenes, between kept samples and "
            "what was heard, in %; energy: distance between the mixture's samples and what was "
            "heard; halves: the same between two halves of what was heard; other: between that "
            "and the evaluation windows; AUC: of trees that tell samples from what was heard (0.5: "
            "they can't); sure: % of what was heard that the teacher is certain of; wrong: % of "
            "those that it gets wrong."
        ),
        time_spent(seconds),
    )


def _gains(title: str, rows: Sequence[Row], score: str, prefix: str, suffix: str) -> FittedTable:
    columns: dict[str, Cell] = {
        **_PLACE,
        **{"here": share(score), "base": share(f"baseline{suffix}")},
        "comp.": share(f"comprehensive{suffix}"),
        "over baseline": lambda row: _gain(row, f"{prefix}over_baseline"),
        "over comp.": lambda row: _gain(row, f"{prefix}over_comprehensive"),
    }
    return table_of(rows, columns, title=title, n_texts=2, section=lambda row: row["user"])


def _gain(row: Row, name: str) -> str:
    median, low, high = points(row[f"{name}_median"]), row[f"{name}_low"], row[f"{name}_high"]
    return median if isnan(low) else f"{median} [{percent(low)}, {percent(high)}]"


def _reasons(rows: Sequence[Row]) -> FittedTable:
    by_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row["share_kept"] != "":
            by_place[row["user"], row["system"]].append(row)
    reasons = [
        {"user": user, "system": system}
        | {
            name: number(factor * median_of(some, column), form)
            for name, (column, form, factor) in _REASONS.items()
        }
        for (user, system), some in by_place.items()
    ]
    columns = {**_PLACE, **{name: text(name) for name in _REASONS}}
    return table_of(reasons, columns, title="Why", n_texts=2, section=lambda reason: reason["user"])
