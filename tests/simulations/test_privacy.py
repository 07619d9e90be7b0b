"""What releases give away, from the command line, on recordings written by the test."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations import privacy
from tests.simulations.test_compare import FILES, GRID
from tests.simulations.test_paper import table
from tests.simulations.test_run import PROFILES, assert_refused
from tests.worlds import write_recordings

LEAN = GRID.partition("[comparison.aggregators.gmm]")[0]
GUARANTEED = """
[comparison.aggregators.dp-mixture]
n_components = 2
epsilon = 4.0
[comparison.strategies.none]
[comparison.strategies.distilled]
[comparison.strategies.personalised]
n_epochs = 2
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    (folder / "profiles.toml").write_text(PROFILES)
    (folder / "grid.toml").write_text(LEAN + GUARANTEED)
    return folder


def run(recordings: Path, *arguments: str) -> Result:
    files = {"corpus": "manifest.csv", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", str(recordings / file))]
    return CliRunner().invoke(privacy.app, [*line, "--workers", "1", *arguments])


def test_gains_and_leaks_stand_in_one_table_and_in_the_folder(
    recordings: Path, tmp_path: Path
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    grid = ("--grid", str(recordings / "grid.toml"))
    first = run(recordings, *grid, "--repetitions", "1", "--out", str(out))
    assert first.exit_code == 0, first.output
    told = " ".join(first.output.split())
    assert "3 entries with 3 users" in told
    assert "10 attacks, 0 of them cached" in told
    assert "What is gained on 1 split(s), and what is told on 1" in told
    assert {path.name for path in out.iterdir()} == FILES
    releases = {
        one["aggregator"]: one for one in json.loads((out / "privacy.json").read_text())["releases"]
    }
    dp = releases["dp-mixture"]
    assert dp["epsilon"] == 4
    assert 3 < dp["epsilon_measured"] <= 4
    assert releases["nothing"]["epsilon_measured"] is None
    games = {row["game"] for row in table(out / "attacks.csv")}
    assert games == {"windows", "recordings", "user days"}
    second = run(recordings, *grid, "--repetitions", "1", "--json", "--out", str(again))
    assert "10 of them cached" in " ".join(second.stderr.split())
    shown = json.loads(second.stdout)["releases"]
    assert [one["strategy"] for one in shown] == ["none", "distilled", "personalised"]
    for name in ("attacks.csv", "privacy.json", "roc.png"):
        assert (out / name).read_bytes() == (again / name).read_bytes(), name


def test_aggregators_are_tried_with_a_strategy_that_can_use_them() -> None:
    from fedasc.cli.privacy import _grid_of

    strategies = _grid_of(["gmm", "self-trained", "gmm"])["comparison"]["strategies"]
    assert {name: one.get("with") for name, one in strategies.items()} == {
        "none": None,
        "distilled": None,
        "personalised": ["gmm"],
        "fedavg": ["self-trained"],
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--aggregator", "gmm", "--grid", "privacy"), "give one of them"),
        (("--aggregator", "gmmm"), "did you mean 'gmm'"),
        (("--unit", "day"), "no unit 'day'; name some of window, recording, user-day"),
        (("--linked", "50;200"), "--linked: expected whole numbers"),
        (("--linked", "1"), "numbers of users from 2 on"),
        (("--attacked", "0"), "n_users must be at least 1"),
    ],
)
def test_bad_arguments_are_refused_with_the_cure(
    recordings: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert_refused(run(recordings, *arguments, "--out", str(tmp_path / "out")), told)
    assert not (tmp_path / "out").exists()
