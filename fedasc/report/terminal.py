"""Tables on the terminal, and numbers as they stand in them."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from math import isnan
from typing import Any, TypeVar

from rich import box
from rich.table import Table
from rich.text import Text

from fedasc.report.rows import Row

NOT_KNOWN = "–"

T = TypeVar("T")
Cell = Callable[[Any], str | Text]
"""What stands in a column, of a row or whatever a table is of."""


def table_of(
    things: Iterable[T],
    columns: Mapping[str, Cell],
    *,
    title: str | Text,
    n_texts: int = 1,
    wrap: bool = True,
    section: Callable[[T], object] = lambda thing: None,
) -> Table:
    """A line for each thing.

    Args:
        columns: By heading; the first `n_texts` hold texts, the others numbers.
        wrap: Whether numbers and their headings may be broken where the terminal is narrow; if
            not, columns stand as near as they can.
        section: Things of which it is the same stand together.
    """
    padding = (0, 1 if wrap else 0, 0, 0)
    table = Table(*columns, title=title, box=box.SIMPLE_HEAD, pad_edge=False, padding=padding)
    for number, column in enumerate(table.columns):
        column.justify = "right" if number >= n_texts else "left"
        column.no_wrap = number < n_texts or not wrap
    for _, some in groupby(things, key=section):
        table.add_section()
        for thing in some:
            table.add_row(*(cell(thing) for cell in columns.values()))
    return table


def text(column: str) -> Cell:
    """A column of texts, in which brackets mean nothing."""
    return lambda row: Text(str(row[column]))


def share(column: str) -> Cell:
    """A column of shares, in %."""
    return lambda row: percent(row[column])


def gain(column: str) -> Cell:
    """A column of differences of shares, in points."""
    return lambda row: points(row[column])


def percent(value: float) -> str:
    """A share from 0 to 1 in %."""
    return number(100 * value, ".1f")


def points(difference: float) -> str:
    """A difference of shares in points, with its sign."""
    return number(100 * difference, "+.1f")


def number(value: float, form: str) -> str:
    """A number in a form of `format`; a dash for NaN."""
    return NOT_KNOWN if isnan(value) else format(value, form)


def interval(low: float, high: float, *, between: str = " to ") -> str:
    """The ends of an interval of differences of shares, in points; a dash if there is none.

    That of few values, by Student's t, goes on where there are no shares.
    """
    return NOT_KNOWN if isnan(low) else f"{points(max(low, -1))}{between}{points(min(high, 1))}"


def ends(row: Row, name: str) -> str:
    """The ends of a gain's interval, in points."""
    return interval(row[f"{name}_low"], row[f"{name}_high"], between=", ")


def time_spent(seconds: Mapping[str, float]) -> Text:
    """How long each phase took."""
    phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in seconds.items())
    return Text(f"Time: {phases}.")
