from pathlib import Path
from typing import Any

import pytest

from tests.report.browser import studied
from tests.report.browser.made import content_of, parts_of


def rows_of(page: Path, number: int) -> list[dict[str, Any]]:
    """Of a table, by heading."""
    told = parts_of(page, "table")[number]
    heads = [column["head"] for column in told["columns"]]
    return [dict(zip(heads, row, strict=True)) for row in told["rows"]]


def test_a_comparison_tells_gains_harm_and_costs(tmp_path: Path) -> None:
    page = studied.comparison(tmp_path)
    rows = {row["aggregator"]: row for row in rows_of(page, 0) if row["strategy"] != "none"}
    gmm = rows["gmm n_components=8"]
    # 4, 6, 5, 9, 6 and −6 windows of 100 more than the baseline, which has 3 less than all data
    assert gmm["gain"][0] == pytest.approx(0.04)
    assert gmm["over comprehensive"][0] == pytest.approx(0.01)
    assert gmm["worse than baseline"] == pytest.approx(1 / 6)
    assert gmm["recording AUC"] == pytest.approx(0.73)
    assert gmm["ε"] == "∞"
    none = next(row for row in rows_of(page, 0) if row["strategy"] == "none")
    assert none["p"] is None
    names = [one["name"] for one in content_of(page)["sections"]]
    assert names == ["entries", "profiles", "nights", "privacy", "made", "files"]
    told = {row["release"]: row for row in rows_of(page, 2)}
    assert told["gmm n_components=8"]["linkage 2"][0] == pytest.approx(0.72)


def test_a_map_has_a_picture_for_each_slice(tmp_path: Path) -> None:
    page = studied.when(tmp_path)
    maps = parts_of(page, "chart")
    assert len(maps) == 2, "without answers, and with ten"
    pays = [row["pays"] for part in maps for row in part["spec"]["data"]["values"]]
    assert sum(pays) == 2 + 4, "where all is familiar, and where half is and users answer"
    assert [row["pays"] for row in rows_of(page, 0)].count("yes") == 6


def test_the_papers_systems_stand_with_both_rivals(tmp_path: Path) -> None:
    rows = {(row["user"], row["system"]): row for row in rows_of(studied.paper(tmp_path), 0)}
    row = rows["U3", "N=2"]
    assert row["here"] == pytest.approx(18 / 25)
    assert row["over comprehensive"][0] == pytest.approx(-1 / 25)


def test_choices_tell_what_may_be_chosen(tmp_path: Path) -> None:
    page = studied.choice(tmp_path)
    first, second = rows_of(page, 0)
    assert first["over comprehensive"][0] == pytest.approx(0.03)
    assert second["over the first"][0] == pytest.approx(0.015)
    assert [part["text"] for part in parts_of(page, "text")] == ["b is best"]


def test_corpora_lead_to_the_page_of_each(tmp_path: Path) -> None:
    page = studied.corpora(tmp_path)
    assert [name for name, _ in parts_of(page, "files")[0]["rows"]] == [
        *("A/report.html", "B/report.html"),
    ]
    row = rows_of(page, 0)[0]
    assert row["A"][0] == row["B"][0] == pytest.approx(0.03)
