"""`fedasc run FOLDER` on recordings as somebody has them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.runs.result import load
from tests.own_folder import BROKEN, TELEPHONE, write_own_folder
from tests.simulations.test_run import SETTINGS


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_own_folder(tmp_path_factory.mktemp("home") / "own")
    (folder.parent / "settings.toml").write_text(SETTINGS)
    return folder


def run(own: Path, *arguments: object) -> Result:
    line = ("run", own, "--settings", own.parent / "settings.toml", "--clients", 3)
    computing = ("--engine", "local", "--workers", 1)
    return CliRunner().invoke(app, [str(part) for part in (*line, *computing, *arguments)])


def listing(folder: Path) -> list[tuple[Path, int, int]]:
    states = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    return [(path, state.st_size, state.st_mtime_ns) for path, state in states]


def test_a_folder_becomes_a_table_and_what_cannot_be_used_is_named(
    own: Path, tmp_path: Path
) -> None:
    before = listing(own)
    result = run(own, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Accuracy on each device" in result.output
    assert len(load(tmp_path / "out").devices) == 3
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    named = {one["path"]: one["reason"] for one in summary["corpus"]["unusable"]}
    assert named.keys() == {BROKEN, TELEPHONE}
    assert "8000 Hz" in named[TELEPHONE]
    assert listing(own) == before
