"""Tables of results, for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fedasc.errors import SettingsError

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of numbers and texts.

    Args:
        rows: By column; a row may lack some.
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


def _known(value: Any) -> Any:
    """None for the empty text, which stands where there is nothing."""
    return None if value == "" else value
