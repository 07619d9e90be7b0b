"""Variants between which was chosen on a page, with the correction for their number."""

from collections.abc import Sequence

from fedasc.report.choice_table import best_in_words
from fedasc.report.markdown import gain_in_words, markdown_table, true_minus
from fedasc.report.rows import Row
from fedasc.report.terminal import number, percent


def choice_in_words(rows: Sequence[Row]) -> str:
    """A line for each variant, and what may be said of the best.

    Args:
        rows: Of `fedasc.report.choice.choices`.
    """
    n = rows[0]["n_variants"]
    heads = ["variant", "baseline", "comprehensive", "personal", "over comprehensive"]
    heads += ["over the first", f"corrected for {n}", "p"]
    lines = []
    for row in rows:
        line = [row["variant"], percent(row["baseline"]), percent(row["comprehensive"])]
        line += [percent(row["personal"]), gain_in_words(row, "over_comprehensive")]
        if "over_first_p" in row:
            corrected = gain_in_words(row, "over_first", interval="over_first_corrected")
            line += [
                gain_in_words(row, "over_first"),
                corrected,
                number(row["over_first_p"], ".3f"),
            ]
        else:
            line += ["", "", ""]
        lines.append(line)
    table = markdown_table(heads, lines)
    return f"{table}\n\n{true_minus(best_in_words(rows))}" if n > 1 else table
