"""Tables on the terminal, and numbers as they stand in them."""

from collections.abc import Callable, Container, Iterable, Mapping
from itertools import groupby
from math import isnan
from typing import Any, TypeVar

from rich.text import Text

from fedasc.report.fitted import FittedTable
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
    also_texts: Container[str] = (),
    section: Callable[[T], object] = lambda thing: None,
) -> FittedTable:
    """A line for each thing; brackets mean nothing in it.

    Args:
        columns: By heading; the first `n_texts` hold texts, the others numbers.
        also_texts: Headings of others that hold texts, too.
        section: Things of which it is the same stand together.
    """
    return FittedTable(
        title=_text(title),
        headings=tuple(columns),
        sections=[
            [[_text(cell(thing)) for cell in columns.values()] for thing in some]
            for _, some in groupby(things, key=section)
        ],
        n_texts=n_texts,
        more_texts=frozenset(n for n, heading in enumerate(columns) if heading in also_texts),
    )


def _text(content: str | Text) -> Text:
    return content if isinstance(content, Text) else Text(content)


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
