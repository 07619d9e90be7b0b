"""Tables that corpora come with: text with a line of names on top."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from fedasc.errors import CorpusError

_DELIMITERS = ",\t;"


def read_rows(
    path: Path, columns: Sequence[str], *, cure: str, may_be_empty: bool = False
) -> list[tuple[int, Mapping[str, str]]]:
    """The lines of a table by their numbers, cells without surrounding blanks.

    Cells stand between commas, tabs or semicolons, whichever the first line has most of.

    Args:
        columns: Those that must be there.
        cure: What to do about a table that can't be used.
        may_be_empty: Whether cells of these columns may be empty.

    Raises:
        CorpusError: If it isn't UTF-8, lacks a column, or a cell is empty that mustn't be.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            head = file.readline()
            file.seek(0)
            delimiter = max(_DELIMITERS, key=head.count)
            reader = csv.DictReader(file, delimiter=delimiter, restkey="", restval="")
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            rows: list[tuple[int, Mapping[str, str]]] = [
                (reader.line_num, {name: row[name].strip() for name in names if name})
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorpusError(f"{path}: not a CSV file in UTF-8 ({error})") from error
    if missing := [name for name in columns if name not in names]:
        raise CorpusError(f"{path}: lacks the column(s) {', '.join(missing)}; {cure}")
    for line, row in () if may_be_empty else rows:
        if empty := [name for name in columns if not row[name]]:
            raise CorpusError(f"{path}, line {line}: {empty[0]} is empty; {cure}")
    return rows
