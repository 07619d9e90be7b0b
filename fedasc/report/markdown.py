"""Tables and numbers in Markdown."""

import re
from collections.abc import Iterable, Sequence

from fedasc.report.rows import Row
from fedasc.report.terminal import number, points


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A line for the heads, one that rules them off, and a line for each row."""
    lines = (heads, ["---"] * len(heads), *rows)
    return "\n".join(f"| {' | '.join(map(_in_a_cell, line))} |" for line in lines)


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|")


def whole_percent(value: float) -> str:
    """The same without decimals, with the sign of percent."""
    return f"{number(100 * value, '.0f')} %"


def gain_in_words(row: Row, name: str, *, interval: str = "") -> str:
    """A mean gain in points with its interval, such as +1.3 (0.2 to 2.5); without, if none.

    An interval of few values, by Student's t, goes on where there are no shares.

    Args:
        name: Of the columns NAME_mean, NAME_low and NAME_high.
        interval: Of the columns of the ends, if it is another.
    """
    mean = points(row[f"{name}_mean"])
    ends = [row[f"{interval or name}_{end}"] for end in ("low", "high")]
    if any(end != end for end in ends):
        return true_minus(mean)
    low, high = (points(min(max(end, -1), 1)).removeprefix("+") for end in ends)
    return true_minus(f"{mean} ({low} to {high})")


def true_minus(text: str) -> str:
    """Numbers with the sign that isn't a hyphen, and hyphens as they are."""
    return re.sub(r"(?<!\w)-(?=\d)", "−", text)
