"""Tables on the terminal, and numbers as they stand in them."""

from collections.abc import Mapping
from math import isnan

from rich import box
from rich.table import Table
from rich.text import Text

from fedasc.report.rows import Row


def plain_table(*columns: str, title: str, n_texts: int = 1, wrap: bool = True) -> Table:
    """A table whose first columns are texts and whose others are numbers.

    Args:
        wrap: Whether numbers and their headings may be broken where the terminal is narrow; if
            not, columns stand as near as they can.
    """
    padding = (0, 1 if wrap else 0, 0, 0)
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, pad_edge=False, padding=padding)
    for number, column in enumerate(table.columns):
        column.justify = "right" if number >= n_texts else "left"
        column.no_wrap = number < n_texts or not wrap
    return table


def percent(share: float) -> str:
    """A share from 0 to 1 in %."""
    return f"{100 * share:.1f}"


def points(difference: float) -> str:
    """A difference of shares in points, with its sign."""
    return f"{100 * difference:+.1f}"


def interval(row: Row, gain: str) -> str:
    """The ends of a gain's interval; nothing if there is none, as of a single repetition."""
    low, high = row[f"{gain}_low"], row[f"{gain}_high"]
    return "" if isnan(low) else f" [{percent(low)}, {percent(high)}]"


def time_spent(seconds: Mapping[str, float]) -> Text:
    """How long each phase took."""
    phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in seconds.items())
    return Text(f"Time: {phases}.")
