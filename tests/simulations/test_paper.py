"""The paper's figures from the command line, on recordings written by the test."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations import paper
from tests.simulations.test_run import PROFILES, SETTINGS, assert_refused
from tests.worlds import write_recordings

STUDY = """
[study]
n_repetitions = 2
components = [1, 3]
full_components = [1]
typical = ["home"]
distant = ["town"]
"""
FILES = {
    "differences.csv", "points.csv", "report.html", "settings.json", "summary.json",
    *(f"{name}.{kind}" for name in ("figure3", "figure4", "differences")
      for kind in ("png", "pdf", "svg")),
}  # fmt: skip


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    # A day with more windows than features, which a full covariance needs.
    settings = SETTINGS.replace("n_heard = 30", "n_heard = 60")
    (folder / "preset.toml").write_text(settings + STUDY)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, *arguments: str, **paths: Path) -> Result:
    options = {
        "corpus": recordings / "manifest.csv",
        "preset": recordings / "preset.toml",
        "profiles": recordings / "profiles.toml",
    } | paths
    line = [part for name, path in options.items() for part in (f"--{name}", str(path))]
    return CliRunner().invoke(paper.app, [*line, "--workers", "1", *arguments])


def table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def study(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("study") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(out.parent / "cache"))
        patch.setenv("COLUMNS", "100")
        return run(recordings, "--seed", "3", out=out), out


def test_a_study_leaves_figures_points_and_differences(study: tuple[Result, Path]) -> None:
    result, out = study
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == FILES
    points = table(out / "points.csv")
    assert len(points) == 2 * (5 + 7)
    assert {row["seed"] for row in points} == {"3", "4"}
    assert all(0 <= float(row["accuracy"]) <= 1 for row in points)
    full = [row for row in points if row["system"] == "N=1 full"]
    assert {int(row["bytes_up"]) for row in full} == {4 * (1 + 45 + 45 * 46 // 2)}
    settings = json.loads((out / "settings.json").read_text())
    assert settings["study"]["components"] == [1, 3]
    assert settings["seed"] == 3
    summary = json.loads((out / "summary.json").read_text())
    assert summary["corpus"]["n_clips"].keys() == {"noise", "music", "speech"}


def test_a_study_in_json_or_in_a_line(
    recordings: Path, study: tuple[Result, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEDASC_CACHE", str(study[1].parent / "cache"))
    told = run(recordings, "--seed", "3", "--json", out=tmp_path / "json")
    comparisons = json.loads(told.stdout, parse_constant=pytest.fail)["comparisons"]
    rows = table(study[1] / "differences.csv")
    assert [(its["user"], its["system"], str(its["accuracy"])) for its in comparisons] == [
        (row["user"], row["system"], row["accuracy"]) for row in rows
    ]
    quiet = run(recordings, "--seed", "3", "--quiet", out=tmp_path / "quiet")
    assert quiet.output == f"Everything in {tmp_path / 'quiet'}\n"


def test_a_single_repetition_has_no_intervals(recordings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(recordings, "--repetitions", "1", out=out)
    assert result.exit_code == 0, result.output
    assert "NaN" not in (out / "summary.json").read_text()
    assert {row["over_baseline_low"] for row in table(out / "differences.csv")} == {""}


def test_both_rivals_stand_in_every_table(study: tuple[Result, Path]) -> None:
    result, out = study
    for row in table(out / "points.csv"):
        assert {"baseline_accuracy", "comprehensive_accuracy"} <= row.keys()
    for row in table(out / "differences.csv"):
        assert {"baseline", "comprehensive", "over_baseline_low", "over_comprehensive_low"} <= (
            row.keys()
        )
    heads = [line for line in result.output.splitlines() if "user" in line and "here" in line]
    assert len(heads) == 2
    assert all("base" in head and "comp." in head for head in heads)


def test_how_long_it_will_take_is_said_before_the_start(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: Any, **options: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("fedasc.experiments.design.run_design", interrupted)
    result = run(recordings, "--repetitions", "1", out=tmp_path / "out")
    assert isinstance(result.exception, ZeroDivisionError)
    told = " ".join(result.output.split())
    assert "this will take about" in told
    assert "1 repetitions to prepare" in told
    assert "and 5 cells" in told
    assert not (tmp_path / "out").exists()


def edited(recordings: Path, tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (recordings / name).read_text()
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("preset.toml", "components = [1, 3]", "components = [0]", "from 1 up"),
        ("preset.toml", "n_heard", "n_herd", "did you mean 'n_heard'"),
        ("preset.toml", '"town"', '"forest"', "no user 'forest', it has home, town"),
        ("profiles.toml", '["jazz"]', '["opera"]', "no music 'opera'"),
    ],
)
def test_bad_files_are_refused_and_nothing_is_written(
    recordings: Path, tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    path = edited(recordings, tmp_path, name, old, new)
    out = tmp_path / "out"
    assert_refused(run(recordings, out=out, **{name.removesuffix(".toml"): path}), told)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--repetitions", "0"), "repetitions must be at least 1"),
        (("--seed", "-1"), "seed must not be negative"),
        (("--preset", "papre"), "papre: no such preset or file"),
    ],
)
def test_bad_arguments_are_refused_with_the_cure(
    recordings: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "out"
    assert_refused(run(recordings, *arguments, out=out), told)
    assert not out.exists()


def test_an_existing_folder_is_refused_before_the_work(
    recordings: Path, tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert_refused(run(recordings, out=tmp_path), "exists")
    assert not (cache / "pool").exists()
