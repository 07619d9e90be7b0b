import io

import pytest
from rich.console import Console
from rich.text import Text

from fedasc.report.fitted import FittedTable
from fedasc.report.terminal import number, percent, points, table_of

ROWS = [
    ("everybody who hears next to nothing but a hair dryer", 0.123, 0.5),
    ("[bold]", float("nan"), 1.0),
]


def table() -> FittedTable:
    return table_of(
        ROWS,
        {
            "profile": lambda row: row[0],
            "mean gain": lambda row: points(row[1]),
            "made worse": lambda row: f"{number(100 * row[2], '.0f')} %",
            **{f"median {n}": lambda row: percent(row[2]) for n in range(4)},
        },
        title="What came out",
    )


def printed(width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table())
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_nothing_is_cut_or_broken_however_narrow_it_is(width: int) -> None:
    lines = printed(width)
    assert max(map(len, lines)) <= width
    letters = "".join("".join(lines).split())
    for word in ("dryer", "+12.3", "50%", "100.0", "[bold]", "–", "worse"):
        assert word in letters
    assert "nan" not in letters
    assert "…" not in letters


def test_headings_are_broken_before_texts_are_folded() -> None:
    wide, narrower, narrow = printed(140), printed(110), printed(80)
    assert any("mean gain  made worse" in line for line in wide)
    assert not any("mean gain" in line for line in narrower)
    assert any(ROWS[0][0] in line for line in narrower)
    assert not any(ROWS[0][0] in line for line in narrow)
    (row,) = [line.split() for line in narrow if "[bold]" in line]
    assert row == ["[bold]", "–", "100", "%", *["100.0"] * 4]


def test_where_no_column_fits_rows_are_lines() -> None:
    lines = " ".join(printed(40))
    assert "mean gain +12.3, made worse 50 %, median 0 50.0" in " ".join(lines.split())


def test_sections_stand_apart_and_styles_stay() -> None:
    shown = FittedTable(
        title=Text("two"),
        headings=("a", "b"),
        sections=[[[Text("x", style="bold"), Text("1")]], [[Text("y"), Text("2")]]],
    )
    console = Console(file=io.StringIO(), width=40, force_terminal=True)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert "\x1b[1mx" in told
    x, y = (told.index(letter) for letter in ("x", "y"))
    assert "\n" in told[x:y].replace("\n", "", 1), "an empty line between"
