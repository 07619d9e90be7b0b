"""Maps from the command line, on recordings written by the test."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations import when
from tests.experiments.maps import MAP, WORLD
from tests.simulations.test_run import PROFILES, assert_refused
from tests.worlds import TinyCorpus, write_recordings

FILES = {"report.html", "users.csv", "when.csv", "when.json", "when.pdf", "when.png", "when.svg"}


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder, TinyCorpus(n_takes=1))
    (folder / "map.toml").write_text(WORLD + MAP)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, *arguments: str) -> Result:
    files = {"corpus": "manifest.csv", "plan": "map.toml", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", str(recordings / file))]
    return CliRunner().invoke(when.app, [*line, "--workers", "1", *arguments])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_map_is_made_told_and_kept(recordings: Path, tmp_path: Path) -> None:
    first = run(recordings, "--seed", "3", "--out", str(tmp_path / "first"))
    assert first.exit_code == 0, first.output
    assert {path.name for path in (tmp_path / "first").iterdir()} == FILES
    told_before = " ".join(first.stderr.split())
    assert "2 repetitions to prepare" in told_before
    assert "2 further worlds of them" in told_before
    assert "and 20 cells" in told_before, "distilled is the same whatever is answered"
    assert "0 cells are cached" in told_before
    assert max(map(len, first.stdout.splitlines()[:-1])) <= 80
    conditions, users = (rows(tmp_path / "first" / name) for name in ("when.csv", "users.csv"))
    assert [(row["familiarity"], row["answers"]) for row in conditions] == [
        ("0.0", "0"), ("0.0", "3"), ("1.0", "0"), ("1.0", "3"),
    ]  # fmt: skip
    assert len(users) == 4 * 2 * 2
    assert {row["seed"] for row in users} == {"3", "4"}
    for row in conditions:
        here = [
            float(one["personal"]) - float(one[row["best_rival"]])
            for one in users
            if (one["familiarity"], one["answers"]) == (row["familiarity"], row["answers"])
        ]
        assert sum(here) / len(here) == pytest.approx(float(row["over_best_mean"]), abs=1e-9)
    told = json.loads((tmp_path / "first" / "when.json").read_text(), parse_constant=pytest.fail)
    assert told["when"]["answers"] == [0, 3]
    assert told["strategies"]["distilled"]["name"] == "distilled"
    assert [str(one["over_best_mean"]) for one in told["conditions"]] == [
        row["over_best_mean"] for row in conditions
    ]

    less = ("--seed", "3", "--familiarity", "1", "--answers", "3", "--repetitions", "1")
    again = run(recordings, *less, "--json", "--out", str(tmp_path / "again"))
    assert "nothing to compute" in again.stderr, "all of it is a part of the first"
    (one,) = json.loads(again.stdout, parse_constant=pytest.fail)["conditions"]
    assert one["over_best_low"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--familiarity", "0,half"), "--familiarity: expected numbers, separated by commas"),
        (("--familiarity", "2"), "familiarity"),
        (("--sources", "some"), "--sources: expected whole numbers or all, separated by commas"),
        (("--sources", "2"), "sources must be 3 or more"),
        (("--answers", "0.5"), "--answers: expected whole numbers, separated by commas"),
        (("--answers", ""), "--answers: expected whole numbers"),
        (("--heard", "1000,1000"), "heard must be different values"),
        (("--clients", "0"), "clients must be at least 1"),
        (("--evenness", "-1"), "share_concentration"),
        (("--repetitions", "0"), "n_repetitions must be at least 1"),
        (("--plan", "comparison"), "has no map"),
        (("--plan", "nowhere"), "no such preset or file"),
    ],
)
def test_bad_input_is_one_line(
    recordings: Path, tmp_path: Path, cache: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert_refused(run(recordings, *arguments, "--out", str(tmp_path / "out")), told)
    assert not (tmp_path / "out").exists()
    assert not (cache / "pool").exists()
