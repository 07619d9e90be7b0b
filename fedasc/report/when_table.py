"""A map of conditions as a table on the terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from fedasc.experiments.conditions import WhenPlan, word
from fedasc.report.rows import Row
from fedasc.report.terminal import Cell, ends, gain, number, percent, table_of
from fedasc.report.when_slices import words_of

_HEADINGS = {
    "familiarity": "fam.",
    "sources": "src.",
    "evenness": "even.",
    "answers": "answ.",
    "heard": "heard",
    "users": "users",
}


def when_table(plan: WhenPlan, rows: Sequence[Row]) -> Group:
    """A line for every condition, in 80 columns; axes with one value are told below.

    Args:
        rows: See `fedasc.report.when_results.condition_rows`.
    """
    columns: dict[str, Cell] = {
        **{_HEADINGS[axis]: _value(axis) for axis in plan.varied},
        "pers.": lambda row: percent(row["personal_accuracy"]),
        "over": gain("over_best_mean"),
        "interval": lambda row: ends(row, "over_best"),
        "best rival": lambda row: Text(row["best_rival"]),
        "worse": lambda row: number(100 * row["worse"], ".0f"),
        "pays": lambda row: "yes" if row["pays"] else "",
    }
    n = plan.n_repetitions
    title = f"Personal less the best rival, {n} repetition(s)"
    # a line between values of the first axis, if others vary within each
    apart = plan.varied[:1] if len(plan.varied) > 1 else ()
    table = table_of(
        *(rows, columns),
        title=title,
        n_texts=0,
        also_texts=("best rival",),
        section=lambda row: [row[axis] for axis in apart],
    )
    return Group(table, Text(_legend(plan)))


def _value(axis: str) -> Cell:
    return lambda row: word(row[axis])


def _legend(plan: WhenPlan) -> str:
    varied = "; ".join(f"{_HEADINGS[axis]}: {words_of(axis)}" for axis in plan.varied)
    fixed = ", ".join(
        f"{words_of(axis)}: {word(getattr(plan, axis)[0])}"
        for axis in _HEADINGS
        if axis not in plan.varied
    )
    return (
        f"{varied}{'. ' if varied else ''}{fixed[:1].upper()}{fixed[1:]}{'. ' if fixed else ''}"
        "pers.: mean accuracy over users in %. over: points more than the rival with the best "
        "mean, rather too few, since that one is in part the luckiest; interval: of 95 % over "
        "repetitions, at whose lower end no rival is better. worse: % of users whom the "
        "comprehensive classifier would serve better. pays: the interval lies above 0."
    )
