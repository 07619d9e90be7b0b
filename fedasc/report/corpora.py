"""A design on several corpora side by side, and what holds on all of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import Group
from rich.text import Text

from fedasc.report.fitted import FittedTable
from fedasc.report.rows import Row
from fedasc.report.terminal import Cell, interval, points, table_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Gain(NamedTuple):
    """A difference that rows tell.

    Args:
        name: Column of its mean, less `_mean`.
        words: What it is.
        interval: Columns of the ends, less `_low` and `_high`; those of the name if empty.
    """

    name: str
    words: str
    interval: str = ""


def beside(
    tables: Sequence[Sequence[Row]], keys: Sequence[str], gains: Sequence[Gain]
) -> list[dict[str, Any]]:
    """A row for each entry and gain: its mean and interval on each corpus, and what holds on all.

    `on_all` is more or less if the intervals on all corpora lie above or below 0, else nothing.
    Such a finding needs no correction for the number of corpora (an intersection-union test,
    Berger 1982): they are other recordings, so it is a stronger one than that of any alone.

    Args:
        tables: By corpus, the rows of the same entries.
        keys: Columns that name an entry.
        gains: Those that are put side by side.
    """
    by_entry = [{tuple(row[key] for key in keys): row for row in rows} for rows in tables]
    entries = [entry for entry in by_entry[0] if all(entry in some for some in by_entry)]
    rows = []
    for gain in gains:
        for entry in entries:
            told = [_told(some[entry], gain) for some in by_entry]
            columns = {
                f"{letter}_{part}": value
                for letter, values in zip(LETTERS, told, strict=False)
                for part, value in zip(("mean", "low", "high"), values, strict=True)
            }
            rows.append(
                {
                    **dict(zip(keys, entry, strict=True)),
                    "gain": gain.name,
                    **columns,
                    "on_all": _on_all(told),
                }
            )
    return rows


def _told(row: Row, gain: Gain) -> tuple[float, float, float]:
    """Mean and ends of a gain; NaN where a row has none."""
    ends = gain.interval or gain.name
    columns = f"{gain.name}_mean", f"{ends}_low", f"{ends}_high"
    mean, low, high = (float(row.get(column, float("nan"))) for column in columns)
    return mean, low, high


def _on_all(told: Sequence[tuple[float, float, float]]) -> str:
    if all(low > 0 for _, low, _ in told):
        return "more"
    return "less" if all(high < 0 for *_, high in told) else ""


def beside_table(
    rows: Sequence[Row], keys: Sequence[str], gains: Sequence[Gain], names: Sequence[str]
) -> Group:
    """A table for each gain, a column for each corpus.

    Args:
        rows: Of `beside`.
        names: Of the corpora, in their order.
    """
    tables = [
        _table([row for row in rows if row["gain"] == gain.name], keys, gain, len(names))
        for gain in gains
    ]
    legend = (
        "Means over splits of each corpus by itself, with 95 % intervals. on all: all intervals "
        "lie above 0 (more) or below (less)."
    )
    return Group(*tables, Text(f"{legend}\n{letters_in_words(names)}"))


def letters_in_words(names: Sequence[str]) -> str:
    """Which letter stands for which corpus, a line for each."""
    lines = (f"{letter}: {name}" for letter, name in zip(LETTERS, names, strict=False))
    return "\n".join(lines)


def _table(rows: Sequence[Row], keys: Sequence[str], gain: Gain, n_corpora: int) -> FittedTable:
    columns: dict[str, Cell] = {"": lambda row: Text(", ".join(str(row[key]) for key in keys))}
    columns |= {letter: _cell(letter) for letter in LETTERS[:n_corpora]}
    columns["on all"] = lambda row: row["on_all"] or "–"
    return table_of(rows, columns, title=f"{gain.words}, in points")


def _cell(letter: str) -> Cell:
    return lambda row: _gain(*(row[f"{letter}_{part}"] for part in ("mean", "low", "high")))


def _gain(mean: float, low: float, high: float) -> str:
    ends = interval(low, high, between=", ")
    return f"{points(mean)} [{ends}]"
