"""Times from their command line."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from benchmarks.command import app


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

    second = bench("--out", str(tmp_path / "second"), "--compare", str(written))
    assert second.exit_code == 0, second.output
    assert "now / then" in second.output
    assert content["began"] in second.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--stage", "dreams"], "stage must be one of ams, mixture"),
        (["--devices", "0"], "must be at least 1, got (0,)"),
        (["--compare", "nowhere.json"], "nowhere.json: no such file"),
        (["--out", "."], "exists"),
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
