"""Variants of settings side by side, as tables on the terminal."""

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from fedasc.report.fitted import FittedTable
from fedasc.report.rows import Row
from fedasc.report.terminal import Cell, ends, gain, number, points, share, table_of, text


def choice_table(rows: Sequence[Row]) -> Group:
    """Both rivals and the personal classifiers of every variant, and what may be chosen of it."""
    columns: dict[str, Cell] = {
        **{"variant": text("variant"), "base": share("baseline")},
        **{"comp.": share("comprehensive"), "here": share("personal")},
        "over base": gain("over_baseline_mean"),
        "over comp.": lambda row: (
            f"{points(row['over_comprehensive_mean'])} [{ends(row, 'over_comprehensive')}]"
        ),
    }
    title = "Accuracy of personal classifiers, mean over users and splits, in %"
    told = (
        "base: the baseline C1; comp.: a C1 trained on the comprehensive set, which needs no "
        "device's help. In brackets the 95 % interval of the mean over splits, as if nothing else "
        "had been tried. By user: --out."
    )
    parts: list[FittedTable | Text] = [table_of(rows, columns, title=title), Text(told)]
    if len(rows) > 1:
        parts += [_over_first(rows), Text(best_in_words(rows))]
    return Group(*parts)


def _over_first(rows: Sequence[Row]) -> FittedTable:
    columns: dict[str, Cell] = {
        "variant": text("variant"),
        "gain": gain("over_first_mean"),
        "alone": lambda row: f"[{ends(row, 'over_first')}]",
        f"of {rows[0]['n_variants']}": lambda row: f"[{ends(row, 'over_first_corrected')}]",
        "p": lambda row: number(row["over_first_p"], ".3f"),
    }
    title = f"Gain of the {rows[0]['judged_by']} C1 over {rows[0]['variant']!r}, in points"
    return table_of(rows[1:], columns, title=title)


def best_in_words(rows: Sequence[Row]) -> str:
    """Which variant came out best of how many, and what choosing it brought elsewhere.

    Args:
        rows: Of `choices`.
    """
    best, n = next(row for row in rows if row["is_best"]), rows[0]["n_repetitions"]
    words = (
        f"{best['n_variants']} variants were tried, and the best of them is a maximum. alone: the "
        "95 % interval of the mean gain over splits as if nothing else had been tried; of "
        f"{best['n_variants']}: corrected for that (max-T with flipped signs, Westfall and Young "
        "1993), as p is. "
    )
    if n < 2:
        return f"{words}A single split chooses nothing."
    others = [f"{row['variant']} {row['n_chosen']}" for row in rows if row["n_chosen"]]
    return (
        f"{words}Best is {best['variant']!r}, by {points(best['over_first_mean'])}; where all "
        "splits but one choose and that one tells the gain, it is "
        f"{points(best['elsewhere_over_first'])}, over comp. "
        f"{points(best['elsewhere_over_comprehensive'])} in place of "
        f"{points(best['over_comprehensive_mean'])}. Chosen so, times of {n}: {', '.join(others)}."
    )
