"""A table that fits a terminal: nothing of it is cut off, however narrow that is."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

Line = Sequence[Text]
"""What stands in a row, by column."""

_NARROWEST_TEXT = 14


@dataclass(frozen=True, kw_only=True)
class FittedTable:
    """Rows of texts and numbers, which are never broken.

    Where there isn't room, headings are broken between words, columns move together, texts are
    folded, and at last every row becomes lines of its own.

    Args:
        title: Above it.
        headings: Of the columns.
        sections: Rows that stand together, apart from the others.
        n_texts: How many columns hold texts, which come first, beside others that say so.
        more_texts: Numbers of further columns with texts.
    """

    title: Text
    headings: Sequence[str]
    sections: Sequence[Sequence[Line]]
    n_texts: int = 1
    more_texts: frozenset[int] = frozenset()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for widths, padding in self._ways(options.max_width):
            if sum(widths) <= self._room(options.max_width, padding):
                yield self._table(widths, padding)
                return
        yield from self._stacked()

    def _room(self, width: int, padding: int) -> int:
        """What is left for cells."""
        n = len(self.headings)
        return width - padding * n - (n + 1)

    def _is_text(self, column: int) -> bool:
        return column < self.n_texts or column in self.more_texts

    def _ways(self, most: int) -> Sequence[tuple[Sequence[int], int]]:
        """Widths of columns and blanks between them, the best way first."""
        numbers = range(len(self.headings))
        cells = [self._longest(number) for number in numbers]
        words = [max(map(cell_len, heading.split(" "))) for heading in self.headings]
        whole = [max(cells[n], cell_len(self.headings[n])) for n in numbers]
        broken = [max(cells[n], words[n]) for n in numbers]
        texts = [n for n in numbers if self._is_text(n)]
        left = self._room(most, 0) - sum(broken[n] for n in numbers if n not in texts)
        folded = list(broken)
        for place, n in enumerate(texts):
            fair = max(left // (len(texts) - place), _NARROWEST_TEXT)
            folded[n] = min(broken[n], fair)
            left -= folded[n]
        return (whole, 1), (broken, 1), (broken, 0), (folded, 0)

    def _longest(self, column: int) -> int:
        cells = (line[column] for lines in self.sections for line in lines)
        return max((cell_len(part) for cell in cells for part in cell.plain.split("\n")), default=0)

    def _table(self, widths: Sequence[int], padding: int) -> Table:
        table = Table(
            title=self.title,
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            padding=(0, padding, 0, 0),
        )
        for number, (heading, width) in enumerate(zip(self.headings, widths, strict=True)):
            table.add_column(
                Text(heading),
                justify="left" if self._is_text(number) else "right",
                width=width,
                overflow="fold",
            )
        for lines in self.sections:
            table.add_section()
            for line in lines:
                table.add_row(*line)
        return table

    def _stacked(self) -> RenderResult:
        yield self.title
        for lines in self.sections:
            for line in lines:
                yield Text(" ").join(cell for cell in line[: self.n_texts] if cell.plain)
                rest = zip(self.headings[self.n_texts :], line[self.n_texts :], strict=True)
                told = ", ".join(f"{head} {cell.plain}" for head, cell in rest if cell.plain)
                if told:
                    yield Text(f"  {told}")
