"""Rows of numbers as CSV files."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows, with nothing where one lacks a column; the file appears whole or not at all."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with replaced(path) as file:
        file.write(text.getvalue().encode())
