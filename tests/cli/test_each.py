"""Findings on one corpus or on several, as commands show and write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from fedasc.cli.each import Finding, show_all, write_all
from fedasc.cli.terminal import Terminal
from fedasc.report.corpora import Gain

GAINS = (Gain("over", "Gain"),)


def a_finding(name: str, mean: float) -> Finding:
    rows = [{"variant": "v", "over_mean": mean, "over_low": mean - 0.01, "over_high": mean + 0.01}]

    def write(folder: Path) -> None:
        folder.mkdir()
        (folder / "rows.txt").write_text(name)

    shown = (f"table of {name}",)
    return Finding(name=name, shown=shown, summary={"rows": rows}, rows=rows, write=write)


def shown(*findings: Finding, capsys: pytest.CaptureFixture[str], as_json: bool) -> str:
    show_all(
        Terminal(as_json=as_json),
        findings,
        ("variant",),
        GAINS,
        last="there",
        summary={"folder": "f"},
    )
    return capsys.readouterr().out


def test_programs_are_told_of_each_corpus_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    one, two = a_finding("one", 0.02), a_finding("two", 0.05)
    told = json.loads(shown(one, two, capsys=capsys, as_json=True))
    assert told["folder"] == "f"
    assert [entry["corpus"] for entry in told["corpora"]] == ["one", "two"]
    assert told["corpora"][1]["rows"][0]["over_mean"] == 0.05
    (row,) = told["side_by_side"]
    assert (row["A_mean"], row["B_mean"], row["on_all"]) == (0.02, 0.05, "more")


def test_a_single_corpus_is_told_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = a_finding("one", 0.02).rows
    told = json.loads(shown(a_finding("one", 0.02), capsys=capsys, as_json=True))
    assert told == {"folder": "f", "rows": [row]}
    assert "side by side" not in shown(a_finding("one", 0.02), capsys=capsys, as_json=False)


def test_people_see_every_corpus_and_then_all(capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(a_finding("one", 0.02), a_finding("two", -0.05), capsys=capsys, as_json=False)
    parts = ["A: one", "table of one", "B: two", "table of two", "on all", "there"]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)


def test_each_corpus_has_a_folder_if_there_are_several(tmp_path: Path) -> None:
    def written(*findings: Finding) -> dict[str, Any]:
        folder = tmp_path / str(len(findings))
        write_all(folder, findings, ("variant",), GAINS)
        return {
            str(path.relative_to(folder)): path.read_text()
            for path in folder.rglob("*")
            if path.is_file()
        }

    assert written(a_finding("one", 0.02)) == {"rows.txt": "one"}
    files = written(a_finding("one", 0.02), a_finding("two", 0.05))
    assert files.keys() == {"A/rows.txt", "B/rows.txt", "corpora.csv", "report.html"}
    assert files["B/rows.txt"] == "two"
    assert files["corpora.csv"].splitlines()[1].startswith("v,over,0.02,")
