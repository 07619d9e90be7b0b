"""Tables of results, for programs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from fedasc.errors import SettingsError

if TYPE_CHECKING:
    import pandas


_N_SHOWN = 60


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of numbers and texts.

    Args:
        rows: By column; a row may lack some.

    Examples:
        >>> table = Table(({"device": 0, "gain": 0.1}, {"device": 1}))
        >>> table
        Table(2 rows of device, gain)
        >>> table["gain"]
        [0.1, None]
    """

    rows: tuple[Mapping[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all, in order."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> list[Any]:
        """The values of a column, with None where a row has nothing.

        Raises:
            KeyError: If there is no such column.
        """
        if column not in self.columns:
            raise KeyError(column)
        return [_known(row.get(column)) for row in self.rows]

    def __repr__(self) -> str:
        return f"Table({len(self)} rows of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        """What notebooks show of it: the first rows."""
        lines = [_line("th", self.columns)]
        for row in self.rows[:_N_SHOWN]:
            lines.append(_line("td", (_short(row.get(column, "")) for column in self.columns)))
        more = len(self) - _N_SHOWN
        rest = f"<p>and {more} rows more</p>" if more > 0 else ""
        return f"<table>{''.join(lines)}</table>{rest}"

    def to_pandas(self) -> "pandas.DataFrame":
        """The same as a data frame, with NaN or None where a row has nothing.

        Raises:
            SettingsError: If pandas isn't installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise SettingsError(
                f"a data frame needs pandas ({error}); pip install pandas"
            ) from error
        return pandas.DataFrame({column: self[column] for column in self.columns})


def _line(cell: str, values: Iterable[object]) -> str:
    cells = "".join(f"<{cell}>{escape(str(value))}</{cell}>" for value in values)
    return f"<tr>{cells}</tr>"


def _short(value: Any) -> object:
    """A number as one reads it; nothing for None and NaN."""
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else value


def _known(value: Any) -> Any:
    """None for the empty text, which stands where there is nothing."""
    return None if value == "" else value
