import re
from io import StringIO
from pathlib import Path

from rich.console import Console

from fedasc.report.comparison_results import standings
from fedasc.report.privacy_page import privacy_in_words, tables_in_words
from fedasc.report.privacy_results import privacy_rows, told_together
from fedasc.report.privacy_table import privacy_table
from tests.report.audited import PLAN, audited
from tests.report.compared import grid_of, some_results


def together() -> list[dict[str, object]]:
    rows = privacy_rows(PLAN, audited())
    return told_together(standings(grid_of(3), some_results(), rows), rows)


def test_gain_and_leak_stand_in_one_line_of_80_columns() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(privacy_table(PLAN, together()))
    assert isinstance(console.file, StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    (gmm,) = [line.split() for line in lines if "gmm" in line]
    assert gmm[:2] == ["gmm", "n_components=8"]
    assert gmm[2] == "+4.0"
    assert ".73" in gmm
    assert gmm[-1] == "∞"


def test_the_page_has_every_interval() -> None:
    lines = privacy_in_words(PLAN, together()).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    (gmm,) = [line for line in lines if "gmm" in line]
    assert "| 0.73 (0." in gmm
    assert "| 47.0 (" in gmm, "of as many users as there are"


def test_every_table_has_a_place_on_the_page_for_a_data_protection_officer() -> None:
    tables = tables_in_words(PLAN, together())
    page = Path("docs/privacy.md").read_text(encoding="utf-8")
    for name, table in tables.items():
        assert f"<!-- begin: {name} -->" in page
        assert len({line.count("|") for line in table.splitlines()}) == 1, name
    assert set(re.findall("<!-- begin: (.*) -->", page)) == set(tables)
    assert "| 1 | 34.2 |" in tables["nights"]
    assert "| 0.52 (" not in tables["linkage"], "shares are in %"
    assert "72.0 (" in tables["linkage"]
