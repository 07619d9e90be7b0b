"""Comparisons from the command line, on recordings written by the test."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations import compare
from tests.simulations.test_paper import table
from tests.simulations.test_run import PROFILES
from tests.worlds import TinyCorpus, write_recordings

GRID = """
n_clients = 3
[listening]
n_heard = 30
n_evaluation = 20
[training_sets]
artificial = 200
comprehensive = 20
comprehensive_validation = 10
baseline = 20
baseline_validation = 10
[release]
min_windows = 1
[embedded]
n_epochs = 5
[student]
n_steps = 20
n_artificial = 50
[teacher]
name = "ensemble"
n_trees = 10
[comparison]
n_repetitions = 2
[comparison.privacy]
n_repetitions = 1
n_users = 1
n_pooled = 4
n_matched = 2
n_linked = [2, 3]
games = { n_releases = 3, n_canaries = 0, n_probes = 2 }
[comparison.aggregators.gmm]
n_components = [1, 3]
min_windows = 1
[comparison.aggregators."8 bit"]
name = "gmm"
n_components = 3
min_windows = 1
release = { bits = 8 }
[comparison.aggregators.features]
[comparison.strategies.none]
[comparison.strategies.local]
[comparison.strategies.personalised]
n_epochs = 5
[comparison.strategies.global]
n_epochs = 5
with = ["gmm"]
"""
STRATEGIES = """
[comparison.strategies.none]
[comparison.strategies.global]
n_epochs = 5
"""
NIGHTS = """
[nights]
n_nights = 2
"""
FILES = {
    "attack_figures.csv", "attacks.csv", "comparison.csv", "comparison.tex", "devices.csv",
    "privacy.json", "report.html", "settings.json",
    *(f"{name}.{kind}" for name in ("comparison", "differences", "privacy", "roc")
      for kind in ("png", "pdf", "svg")),
}  # fmt: skip


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    (folder / "grid.toml").write_text(GRID)
    (folder / "nights.toml").write_text(GRID + NIGHTS)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, *arguments: str, n_workers: int = 1, **paths: Path) -> Result:
    options = {
        "corpus": recordings / "manifest.csv",
        "grid": recordings / "grid.toml",
        "profiles": recordings / "profiles.toml",
    } | paths
    line = [part for name, path in options.items() for part in (f"--{name}", str(path))]
    return CliRunner().invoke(compare.app, [*line, "--workers", str(n_workers), *arguments])


@pytest.fixture(scope="module")
def compared(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("comparison") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(out.parent / "cache"))
        patch.setenv("COLUMNS", "100")
        return run(recordings, "--seed", "3", "--measured", out=out), out


def test_every_pair_stands_beside_the_baseline(compared: tuple[Result, Path]) -> None:
    result, out = compared
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == FILES
    rows = table(out / "comparison.csv")
    assert [(row["strategy"], row["aggregator"]) for row in rows] == [
        ("none", "nothing"),
        ("local", "nothing"),
        ("personalised", "gmm n_components=1"),
        ("personalised", "gmm n_components=3"),
        ("personalised", "8 bit"),
        ("personalised", "features"),
        ("global", "gmm n_components=1"),
        ("global", "gmm n_components=3"),
    ]
    assert [row["is_baseline"] for row in rows].count("True") == 1
    assert all(int(row["device_memory_bytes"]) > int(row["memory_bytes"]) for row in rows)
    assert {row["measured_memory_bytes"] for row in rows} == {""}, "not in C"
    assert "measured of C code" in " ".join(result.output.split())
    sent = {row["aggregator"]: float(row["bytes_up"]) for row in rows}
    assert sent["gmm n_components=3"] == 3 * 91 * 4
    assert 0 < sent["8 bit"] < sent["gmm n_components=3"] / 3
    assert sent["nothing"] == 0
    devices = table(out / "devices.csv")
    assert len(devices) == 2 * 8 * 3
    assert {row["seed"] for row in devices} == {"3", "4"}
    for row in rows:
        its = [
            float(device["personal_accuracy"])
            for device in devices
            if (device["strategy"], device["aggregator"]) == (row["strategy"], row["aggregator"])
        ]
        assert sum(its) / len(its) == pytest.approx(float(row["accuracy"]))
    settings = json.loads((out / "settings.json").read_text())
    assert settings["seed"] == 3
    assert len(settings["comparison"]["entries"]) == 8


def test_what_is_given_away_stands_beside_what_is_gained(
    recordings: Path, compared: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {row["aggregator"]: row for row in table(compared[1] / "comparison.csv")}
    assert float(rows["nothing"]["recording_auc"]) == 0.5
    assert float(rows["features"]["recording_auc"]) > 0.5
    assert rows["features"]["epsilon"] == "inf"
    assert float(rows["nothing"]["linkage"]) == pytest.approx(1 / 3)
    told = json.loads((compared[1] / "privacy.json").read_text())
    assert [one["aggregator"] for one in told["releases"]] == list(dict.fromkeys(rows))
    monkeypatch.setenv("FEDASC_CACHE", str(compared[1].parent / "cache"))
    without = run(recordings, "--seed", "3", "--no-privacy", out=tmp_path / "out")
    assert without.exit_code == 0, without.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        name
        for name in FILES
        if name.split(".")[0] in ("comparison", "devices", "differences", "report", "settings")
    }
    assert "not found out (--privacy)" in " ".join(without.output.split())


def test_says_what_is_to_be_done_and_then_how_it_came_out(compared: tuple[Result, Path]) -> None:
    told = " ".join(compared[0].output.split())
    assert "16 cells: 2 repetition(s) of 8 entries with 3 users and 1 night(s) each" in told
    assert "0 are cached, 16 to make after 2 repetition(s) to prepare" in told
    assert "gain: over 'none'" in told
    assert max(map(len, compared[0].stdout.splitlines())) <= 100


def test_two_workers_write_the_same_bytes(
    recordings: Path, compared: tuple[Result, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run(recordings, "--seed", "3", "--measured", n_workers=2, out=out)
    assert result.exit_code == 0, result.output
    for name in FILES:
        assert (out / name).read_bytes() == (compared[1] / name).read_bytes(), name


def test_a_second_run_makes_nothing_and_several_nights_are_drawn(
    recordings: Path, tmp_path: Path
) -> None:
    options = ("--clients", "2", "--repetitions", "1")
    first, second = (
        run(recordings, *options, grid=recordings / "nights.toml", out=tmp_path / name)
        for name in ("first", "second")
    )
    assert first.exit_code == second.exit_code == 0, first.output
    assert "8 are cached, 0 to make after 0 repetition(s)" in " ".join(second.output.split())
    of_nights = {f"nights.{kind}" for kind in ("png", "pdf", "svg")}
    assert {path.name for path in (tmp_path / "second").iterdir()} == FILES | of_nights
    one, other = (tmp_path / name / "devices.csv" for name in ("first", "second"))
    assert one.read_text() == other.read_text()
    assert {row["night"] for row in table(one)} == {"0", "1"}


def test_a_comparison_in_json_or_in_a_line(
    recordings: Path, compared: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(compared[1].parent / "cache"))
    told = run(recordings, "--seed", "3", "--json", out=tmp_path / "json")
    entries = json.loads(told.stdout, parse_constant=pytest.fail)["entries"]
    rows = table(compared[1] / "comparison.csv")
    assert [(entry["strategy"], str(entry["accuracy"])) for entry in entries] == [
        (row["strategy"], row["accuracy"]) for row in rows
    ]
    quiet = run(recordings, "--seed", "3", "--quiet", out=tmp_path / "quiet")
    assert quiet.output == f"Everything in {tmp_path / 'quiet'}\n"


def assert_refused(result: Result, told: str) -> None:
    """One line that says what was wrong, and exit code 2."""
    assert result.exit_code == 2, result.output
    _, line = result.output.strip().splitlines()
    assert line.startswith("error: ")
    assert told in line


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("aggregators.gmm]", "aggregators.gmmm]", "did you mean 'gmm'"),
        ("n_components = [1, 3]", "n_component = [1, 3]", "did you mean 'n_components'"),
        ("n_components = [1, 3]", "n_components = [3, 3]", "is there twice"),
        ('with = ["gmm"]', 'with = ["kmeans"]', "no aggregator 'kmeans' in the grid"),
        ("n_repetitions = 2", 'baseline = "nobody"', "no strategy 'nobody' in the grid"),
        ("n_clients = 3", "[aggregator]", "has no place in a comparison"),
        ("n_heard", "n_herd", "did you mean 'n_heard'"),
    ],
)
def test_bad_grids_are_refused_before_any_recording_is_read(
    recordings: Path, tmp_path: Path, cache: Path, old: str, new: str, told: str
) -> None:
    assert old in GRID
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID.replace(old, new))
    assert_refused(run(recordings, grid=grid, out=tmp_path / "out"), told)
    assert not (tmp_path / "out").exists()
    assert not (cache / "pool").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--repetitions", "0"), "n_repetitions must be at least 1"),
        (("--seed", "-1"), "seed must not be negative"),
        (("--clients", "0"), "clients must be at least 1"),
        (("--grid", "comparisson"), "comparisson: no such preset or file"),
    ],
)
def test_bad_arguments_are_refused_with_the_cure(
    recordings: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert_refused(run(recordings, *arguments, out=tmp_path / "out"), told)


def test_an_existing_folder_is_refused_before_the_work(
    recordings: Path, tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert_refused(run(recordings, out=tmp_path), "exists")
    assert not (cache / "pool").exists()


def test_attackers_are_named_and_results_are_those_of_the_others(
    recordings: Path, compared: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(compared[1].parent / "cache"))
    grid, out = tmp_path / "grid.toml", tmp_path / "out"
    start, _, _ = GRID.partition('[comparison.aggregators."8 bit"]')
    grid.write_text(start + STRATEGIES)
    attack = ("--seed", "3", "--attack", "far", "--attackers", "0.4")
    result = run(recordings, *attack, grid=grid, out=out)
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert "after 0 repetition(s) to prepare" in told, "the world is that without attack"
    assert "1 device(s) attack (far); all accuracies are those of the other users" in told
    devices, before = table(out / "devices.csv"), table(compared[1] / "devices.csv")
    entries = {(row["strategy"], row["aggregator"], row["repetition"]) for row in devices}
    attackers = [row for row in devices if row["attack"]]
    assert len(attackers) == len(entries)
    assert {row["attack"] for row in attackers} == {"far"}
    assert {row["attack"] for row in before} == {""}
    for row in table(out / "comparison.csv"):
        assert (row["attack"], row["n_attackers"]) == ("far", "1")
        others = [
            float(device["personal_accuracy"])
            for device in devices
            if (device["strategy"], device["aggregator"]) == (row["strategy"], row["aggregator"])
            and not device["attack"]
        ]
        assert sum(others) / len(others) == pytest.approx(float(row["accuracy"]))
    assert table(compared[1] / "comparison.csv")[0]["n_attackers"] == "0"


def test_how_many_attack_says_nothing_without_how(recordings: Path, tmp_path: Path) -> None:
    refused = run(recordings, "--attackers", "0.2", out=tmp_path / "out")
    assert_refused(refused, "--attackers says how many attack, but nothing says how")


def test_other_recordings_stand_beside_by_themselves(
    recordings: Path, compared: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(compared[1].parent / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    grid, out, other = tmp_path / "grid.toml", tmp_path / "out", tmp_path / "other"
    grid.write_text(GRID.partition('[comparison.aggregators."8 bit"]')[0] + STRATEGIES)
    other.mkdir()
    also = str(write_recordings(other, TinyCorpus(seed=5)))
    result = run(recordings, "--seed", "3", "--also", also, grid=grid, out=out)
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert "6 are cached, 0 to make after 0" in told, "by itself, as if it were alone"
    assert "0 are cached, 6 to make after 2" in told
    assert {path.name for path in out.iterdir()} == {"A", "B", "corpora.csv", "report.html"}
    here, there = (table(out / letter / "comparison.csv") for letter in "AB")
    before = {row["aggregator"]: row for row in table(compared[1] / "comparison.csv")}
    assert here[0]["accuracy"] == before["nothing"]["accuracy"] != there[0]["accuracy"]
    rows = table(out / "corpora.csv")
    assert len(rows) == 2 * len(here) == 2 * len(there)
    for row, one, two in zip(rows, here, there, strict=False):
        for letter, its in (("A", one), ("B", two)):
            assert row[f"{letter}_low"] == its["over_comprehensive_low"]
    assert f"B: {also}" in result.output.replace("\n", "")


def test_the_same_recordings_beside_themselves_are_refused(
    recordings: Path, tmp_path: Path
) -> None:
    again = str(recordings / "manifest.csv")
    assert_refused(run(recordings, "--also", again, out=tmp_path / "out"), "is there twice")
