from pathlib import Path

import pytest

from fedasc.corpus.builders.tables import read_rows
from fedasc.errors import CorpusError


def rows(folder: Path, content: bytes) -> list[tuple[int, dict[str, str]]]:
    path = folder / "table.csv"
    path.write_bytes(content)
    return [(line, dict(row)) for line, row in read_rows(path, ("a", "b"), cure="take another")]


@pytest.mark.parametrize("content", [b"a,b\n1, 2\n", b"a\tb\n1\t2\n", b"a;b\n1;2\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_cells_stand_between_commas_tabs_or_semicolons(
    content: bytes, mark: bytes, end: bytes, tmp_path: Path
) -> None:
    assert rows(tmp_path, mark + content.replace(b"\n", end)) == [(2, {"a": "1", "b": "2"})]


def test_the_first_line_says_what_separates_cells(tmp_path: Path) -> None:
    assert rows(tmp_path, b'a;b;c\n1,5;"x;y";\n') == [(2, {"a": "1,5", "b": "x;y", "c": ""})]


def test_numbers_may_have_decimal_commas_where_these_separate_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a;b;c\n1,5;2,5;3,5\n")
    ((_, row),) = read_rows(path, ("a", "b"), cure="", numbers=("b", "c"))
    assert row == {"a": "1,5", "b": "2.5", "c": "3.5"}


def test_further_columns_and_short_lines_are_no_matter(tmp_path: Path) -> None:
    assert rows(tmp_path, b"b,c,a\n2,,1\n2,3,1,4\n") == [
        (2, {"a": "1", "b": "2", "c": ""}),
        (3, {"a": "1", "b": "2", "c": "3"}),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"lacks the column\(s\) a, b; take another"),
        (b"a,c\n", r"lacks the column\(s\) b; take another"),
        (b"a,b\n1,2\n1, \n", r"line 3: b is empty; take another"),
        (b"a,b\n1\n", r"line 2: b is empty"),
        (b"a,b\n\xff,2\n", "not a CSV file in UTF-8"),
    ],
)
def test_what_cannot_be_used_is_named(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=rf"table\.csv.*{reason}"):
        rows(tmp_path, content)
