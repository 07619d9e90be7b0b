"""Tables that corpora come with."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from fedasc.corpus.tables import read_table
from fedasc.errors import CorpusError


def read_rows(
    path: Path,
    columns: Sequence[str],
    *,
    cure: str,
    numbers: Collection[str] = (),
    may_be_empty: bool = False,
) -> Sequence[tuple[int, Mapping[str, str]]]:
    """The lines of a table by their numbers, cells without surrounding blanks; see `read_table`.

    Args:
        columns: Those that must be there.
        cure: What to do about a table that can't be used.
        numbers: Columns of numbers, which may have decimal commas.
        may_be_empty: Whether cells of these columns may be empty.

    Raises:
        CorpusError: If it can't be read, lacks a column, or a cell is empty that mustn't be.
    """
    table = read_table(path, required=columns, numbers=numbers)
    if missing := table.lacking(columns):
        raise CorpusError(f"{path}: lacks the column(s) {', '.join(missing)}; {cure}")
    rows: list[tuple[int, Mapping[str, str]]] = [
        (line, {name: row[name].strip() for name in table.columns}) for line, row in table.rows
    ]
    for line, row in () if may_be_empty else rows:
        if empty := [name for name in columns if not row[name]]:
            raise CorpusError(f"{path}, line {line}: {empty[0]} is empty; {cure}")
    return rows
