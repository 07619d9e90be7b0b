"""The map of where it pays to be personal, in words."""

from collections.abc import Sequence

from fedasc.experiments.conditions import WhenPlan, word
from fedasc.report.markdown import gain_in_words, markdown_table, whole_percent
from fedasc.report.rows import Row
from fedasc.report.when_slices import words_of


def when_in_words(plan: WhenPlan, rivals: Sequence[str], rows: Sequence[Row]) -> str:
    """A line for every condition, with the gain over every rival.

    Args:
        rivals: As in the columns of rows.
        rows: See `fedasc.report.when_results.condition_rows`.
    """
    heads = (
        *(words_of(axis) for axis in plan.varied),
        *(f"over {rival}" for rival in rivals),
        "worse than with comprehensive",
        "pays",
    )
    table = markdown_table(
        heads,
        (
            (
                *(word(row[axis]) for axis in plan.varied),
                *(gain_in_words(row, f"over_{rival}") for rival in rivals),
                whole_percent(row["worse"]),
                "yes" if row["pays"] else "no",
            )
            for row in rows
        ),
    )
    return (
        "The gain of the personal classifier over each rival, means over users in points with "
        "95 % intervals over splits, and the share of users whom the comprehensive classifier "
        f"would serve better. It pays where the gain over every rival lies above 0.\n\n{table}"
    )
