"""Times from their command line."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from benchmarks import scaling
from benchmarks.command import app
from benchmarks.page import page_of
from benchmarks.record import read_record

PAGES = [page for page in Path("docs").glob("*.md") if page.with_suffix(".json").exists()]


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["--quick", "--stage", "mixture", *arguments])


def test_times_are_shown_written_and_compared(tmp_path: Path) -> None:
    first = bench("--out", str(tmp_path / "first"))
    assert first.exit_code == 0, first.output
    assert "scikit-learn" in first.output
    written = tmp_path / "first" / "bench.json"
    content = json.loads(written.read_text())
    assert content["machine"]["numpy"]
    assert [stage["stage"] for stage in content["stages"]] == ["mixture"]
    assert all(len(timing["seconds"]) == 3 for timing in content["stages"][0]["timings"])

    page = tmp_path / "performance.md"
    more = ["--compare", str(written), "--page", str(page)]
    second = bench("--out", str(tmp_path / "second"), *more)
    assert second.exit_code == 0, second.output
    assert "now / then" in second.output
    assert content["began"] in second.output

    text = page.read_text()
    assert "## mixture" in text
    beside = page.with_suffix(".json")
    assert beside.read_bytes() == (tmp_path / "second" / "bench.json").read_bytes()
    page.unlink()
    assert bench("--again", "--page", str(page)).exit_code == 0
    assert page.read_text() == text


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_pages_are_those_of_the_records_beside_them(page: Path) -> None:
    beside = page.with_suffix(".json")
    if "sizes" in json.loads(beside.read_text()):
        assert page.read_text() == scaling.page_of(page.stem, *scaling.read_sizes(beside))
    else:
        assert page.read_text() == page_of(read_record(beside), beside.name)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--stage", "dreams"], "stage must be one of ams, mixture"),
        (["--devices", "0"], "must be at least 1, got (0,)"),
        (["--compare", "nowhere.json"], "nowhere.json: no such file"),
        (["--out", "."], "exists"),
        (["--stage", "labels"], "stage must be one of ams, mixture"),
        (["--corpus", "manifest.csv"], "--corpus and --prepare go with --against"),
        (["--against", "dreams"], "no such commit"),
        (["--against", "HEAD", "--stage", "dreams"], "looking, start-end, run, got 'dreams'"),
        (["--again"], "--again makes a page; give --page, too"),
        (["--again", "--page", "nowhere.md"], "nowhere.json: no such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], reason: str, tmp_path: Path
) -> None:
    result = bench("--out", str(tmp_path / "out"), *arguments)
    assert result.exit_code == 2
    assert reason in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
