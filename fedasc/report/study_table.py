"""The result of a study as tables on the terminal."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from fedasc.evaluation.paired import Paired
from fedasc.report.study_results import Comparison, StudyRow, median_of

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


def study_table(
    comparisons: Sequence[Comparison], rows: Sequence[StudyRow], seconds: Mapping[str, float]
) -> Group:
    """What came out and why, in 80 columns.

    Args:
        comparisons: Of every system on every user.
        rows: By point.
        seconds: By phase.
    """
    n = comparisons[0].n_repetitions
    phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in seconds.items())
    return Group(
        _gains(
            f"Accuracy in %, {n} repetition(s)",
            comparisons,
            lambda c: (c.accuracy, c.baseline, c.comprehensive),
            lambda c: (c.over_baseline, c.over_comprehensive),
        ),
        _gains(
            "The class noise alone, in %",
            comparisons,
            lambda c: (c.noise, c.baseline_noise, c.comprehensive_noise),
            lambda c: (c.noise_over_baseline, c.noise_over_comprehensive),
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
        Text(f"Time: {phases}."),
    )


def _gains(
    title: str,
    comparisons: Sequence[Comparison],
    shares: Callable[[Comparison], Sequence[float]],
    gains: Callable[[Comparison], Sequence[Paired]],
) -> Table:
    names = ("here", "base", "comp.", "over baseline", "over comp.")
    table = _table("user", "system", *names, title=title)
    for number, its in enumerate(comparisons):
        if number and its.user != comparisons[number - 1].user:
            table.add_section()
        numbers = [f"{100 * share:.1f}" for share in shares(its)]
        table.add_row(Text(its.user), its.system, *numbers, *map(_gain, gains(its)))
    return table


def _reasons(rows: Sequence[StudyRow]) -> Table:
    table = _table("user", "system", *(name for name, _, _ in _REASONS.values()), title="Why")
    places = dict.fromkeys((r["user"], r["system"]) for r in rows if r["bytes_up"] != "")
    last = None
    for user, system in places:
        if last not in (None, user):
            table.add_section()
        last = user
        its = [row for row in rows if (row["user"], row["system"]) == (user, system)]
        numbers = (
            format(factor * median_of(its, column), shown)
            for column, (_, shown, factor) in _REASONS.items()
        )
        table.add_row(Text(user), system, *numbers)
    return table


def _table(*columns: str, title: str) -> Table:
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(table.columns):
        column.justify = "right" if number > 1 else "left"
        column.no_wrap = number < 2
    return table


def _gain(gain: Paired) -> Text:
    median = f"{100 * gain.median:+.1f}"
    if isnan(gain.low):  # of a single repetition
        return Text(median)
    return Text(f"{median} [{100 * gain.low:.1f}, {100 * gain.high:.1f}]")
