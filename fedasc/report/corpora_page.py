"""Several corpora side by side on a page."""

from collections.abc import Sequence

from fedasc.report.corpora import LETTERS, Gain, beside
from fedasc.report.markdown import gain_in_words, markdown_table
from fedasc.report.rows import Row


def beside_in_words(
    tables: Sequence[Sequence[Row]], keys: Sequence[str], gains: Sequence[Gain]
) -> str:
    """A table for each gain, a column for each corpus, and what holds on all; see `beside`."""
    rows = beside(tables, keys, gains)
    letters = LETTERS[: len(tables)]
    parts = []
    for gain in gains:
        lines = [
            [
                ", ".join(str(row[key]) for key in keys),
                *(gain_in_words(row, letter) for letter in letters),
                row["on_all"],
            ]
            for row in rows
            if row["gain"] == gain.name
        ]
        parts += [f"{gain.words}, in points:", markdown_table(["", *letters, "on all"], lines)]
    return "\n\n".join(parts)
