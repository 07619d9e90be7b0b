"""Tables: CSV files as spreadsheets, editors and other programs write them."""

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from fedasc.errors import CorpusError, in_a_line

_SEPARATORS = ",;\t"
_NAMED_SEPARATOR = re.compile(r'"?sep=([,;|\t])"?[\r\n]*')  # what Excel understands as a first line
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")

# Excel writes the words of the language that it speaks.
_TRUE = ("true", "verdadeiro", "verdadero", "vero", "vrai", "waar", "wahr", "y", "yes")
_FALSE = ("false", "falsch", "falso", "faux", "n", "no", "onwaar")


@dataclass(frozen=True)
class Table:
    """What stands below the names of columns.

    Args:
        columns: Their names.
        rows: Each with the number of its last line, and its cells by column; with "" among them
            if it has cells that belong to no column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]

    def lacking(self, required: Iterable[str]) -> list[str]:
        """Which of these columns aren't there."""
        return [name for name in required if name not in self.columns]


def read_table(
    path: Path,
    *,
    required: Collection[str],
    numbers: Collection[str] | None = (),
    errors: str = "strict",
) -> Table:
    """Read a table whose first line names the columns; lines without content are passed over.

    Cells are separated by commas, semicolons or tabs, whichever yields more of the required names.
    The encoding is UTF-8, with or without a byte order mark, or UTF-16 with one.

    Args:
        path: CSV file.
        required: Columns that are expected; that they are there isn't checked.
        numbers: Columns whose numbers may have decimal commas, if the cells are separated by
            something else; all of them if None.
        errors: What becomes of bytes that aren't UTF-8, as in `open`.

    Raises:
        CorpusError: If it isn't such a file, or names a column twice.
    """
    separator = separator_of(path, lambda cells: len({*map(str.strip, cells)} & {*required}))
    lines = read_lines(path, separator, errors=errors)
    columns = tuple(map(str.strip, next(lines, (0, []))[1]))
    if twice := [name for name in filter(None, columns) if columns.count(name) > 1]:
        named = in_a_line(twice[0], longest=50)
        raise CorpusError(f"{path}: names the column {named} twice; leave one out")
    rows = []
    for line, cells in lines:
        row = dict.fromkeys(columns, "") | dict(zip(columns, cells, strict=False))
        if row.pop("", "").strip() or len(cells) > len(columns):
            row[""] = ""
        if separator != ",":
            decimal = columns if numbers is None else numbers
            row |= {name: _DECIMAL_COMMA.sub(".", row[name]) for name in decimal if name in row}
        rows.append((line, row))
    return Table(tuple(filter(None, columns)), tuple(rows))


def separator_of(path: Path, fits: Callable[[Sequence[str]], int]) -> str:
    """What stands between the cells of a table.

    Args:
        path: CSV file.
        fits: How well the cells of the first line fit that isn't empty or a remark behind #.

    Raises:
        CorpusError: If it isn't such a file.
    """
    with _opened(path, errors="replace") as file:
        for line in file:
            if named := _NAMED_SEPARATOR.fullmatch(line):
                return named[1]
            if line.strip() and not line.lstrip('" ').startswith("#"):
                return max(
                    _SEPARATORS, key=lambda mark: fits(next(csv.reader([line], delimiter=mark)))
                )
    return ","


def read_lines(
    path: Path, separator: str, *, errors: str = "strict", skipinitialspace: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """The lines of a table that have content, each with its number.

    Args:
        path: CSV file.
        separator: What stands between cells.
        errors: As in `open`.
        skipinitialspace: As in `csv.reader`.

    Raises:
        CorpusError: If it isn't such a file.
    """
    with _opened(path, errors=errors) as file:
        reader = csv.reader(file, delimiter=separator, skipinitialspace=skipinitialspace)
        for cells in reader:
            named = reader.line_num == 1 and _NAMED_SEPARATOR.fullmatch(separator.join(cells))
            if any(map(str.strip, cells)) and not named:
                yield reader.line_num, cells


def text_of(path: Path) -> str:
    """What stands in a table, whatever its encoding; bytes that aren't UTF-8 are escaped.

    Raises:
        CorpusError: If it isn't such a file.
    """
    with _opened(path, errors="surrogateescape") as file:
        return file.read()


@contextmanager
def _opened(path: Path, *, errors: str = "strict") -> Iterator[TextIO]:
    with path.open("rb") as start:
        is_utf16 = start.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE)
    try:
        encoding = "utf-16" if is_utf16 else "utf-8-sig"
        with path.open(newline="", encoding=encoding, errors=errors) as file:
            yield file
    except (UnicodeError, csv.Error) as error:
        raise CorpusError(
            f"{path}: not a CSV file in UTF-8 ({error}); save it as CSV UTF-8"
        ) from error


def table_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows of cells as `read_lines` reads them, between commas."""
    text = io.StringIO(newline="")
    plain = csv.writer(text, lineterminator="\n")
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # the module csv quotes a carriage return, which ends a line, only since Python 3.13
        (quoting if any("\r" in str(cell) for cell in row) else plain).writerow(row)
    return text.getvalue()


def truth(text: str) -> bool | None:
    """What a word for true or false says, as spreadsheets write it; None if it is neither."""
    word = text.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None
