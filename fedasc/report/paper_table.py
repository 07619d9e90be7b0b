"""The paper's experiments as tables on the terminal."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.report.paper_results import median_of
from fedasc.report.rows import Row
from fedasc.report.terminal import interval, percent, plain_table, points, time_spent

_REASONS: Mapping[str, tuple[str, str, float]] = {
    "bytes_up": ("bytes", ",.0f", 1),
    "share_kept": ("kept", ".0f", 100),
    "label_shift": ("shift", ".0f", 100),
    "energy_distance": ("energy", ".3f", 1),
    "energy_halves": ("halves", ".3f", 1),
    "energy_evaluation": ("other", ".3f", 1),
    "two_sample_auc": ("AUC", ".2f", 1),
    "certain_share": ("sure", ".0f", 100),
    "certain_error": ("wrong", ".0f", 100),
}
"""Name, format and factor of each column."""


def paper_table(gains: Sequence[Row], rows: Sequence[Row], seconds: Mapping[str, float]) -> Group:
    """What came out and why, in 80 columns.

    Args:
        gains: Of every system on every user, see `fedasc.report.paper_results.differences`.
        rows: By point.
        seconds: By phase.
    """
    return Group(
        _gains(
            f"Accuracy in %, {gains[0]['n_repetitions']} repetition(s)",
            gains,
            ("accuracy", "baseline", "comprehensive"),
            ("over_baseline", "over_comprehensive"),
        ),
        _gains(
            "The class noise alone, in %",
            gains,
            ("noise", "baseline_noise", "comprehensive_noise"),
            ("noise_over_baseline", "noise_over_comprehensive"),
        ),
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


def _gains(title: str, rows: Sequence[Row], shares: Sequence[str], gains: Sequence[str]) -> Table:
    names = ("here", "base", "comp.", "over baseline", "over comp.")
    table = plain_table("user", "system", *names, title=title, n_texts=2)
    for user, of_user in groupby(rows, key=lambda row: row["user"]):
        table.add_section()
        for row in of_user:
            numbers = (percent(row[name]) for name in shares)
            differences = (points(row[f"{gain}_median"]) + interval(row, gain) for gain in gains)
            table.add_row(Text(user), row["system"], *numbers, *differences)
    return table


def _reasons(rows: Sequence[Row]) -> Table:
    names = (name for name, _, _ in _REASONS.values())
    table = plain_table("user", "system", *names, title="Why", n_texts=2)
    places = dict.fromkeys((r["user"], r["system"]) for r in rows if r["share_kept"] != "")
    for user, of_user in groupby(places, key=lambda place: place[0]):
        table.add_section()
        for place in of_user:
            shown = [row for row in rows if (row["user"], row["system"]) == place]
            numbers = (
                format(factor * median_of(shown, column), form)
                for column, (_, form, factor) in _REASONS.items()
            )
            table.add_row(Text(user), place[1], *numbers)
    return table
