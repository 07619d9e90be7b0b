"""The command `fedasc run`: going on, further probes, and what it shows."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.errors import RunError
from fedasc.runs.checkpoint import Checkpoint
from tests.simulations.test_run import assert_refused, recordings  # noqa: F401

pytestmark = pytest.mark.cache("shared")

PROBE = """
from dataclasses import dataclass

from fedasc import Probe


@dataclass(frozen=True)
class Loud(Probe):
    columns = ("loudest_db",)

    def look(self, sight):
        return {"loudest_db": float(sight.heard.x.max())}
"""


def fedasc(recordings: Path, *arguments: object) -> Result:  # noqa: F811
    files = {"corpus": "manifest.csv", "settings": "settings.toml", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", recordings / file)]
    common = ("--engine", "local", "--workers", 1, "--clients", 2, "--no-audio")
    return CliRunner().invoke(app, [str(part) for part in ("run", *line, *common, *arguments)])


def resume(*arguments: object) -> Result:
    line = ("run", "--resume", *arguments, "--engine", "local", "--workers", 1)
    return CliRunner().invoke(app, [str(part) for part in line])


def test_a_run_that_failed_goes_on(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Checkpoint.write

    def fails_after_a_night(self: Checkpoint, *arguments: Any, **how: Any) -> None:
        write(self, *arguments, **how)
        raise RunError("1 of 2 devices is missing")

    broken, whole = tmp_path / "broken", tmp_path / "whole"
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "write", fails_after_a_night)
        failed = fedasc(recordings, "--nights", 2, "--out", broken)
    assert failed.exit_code == 1
    assert "1 of 2 devices is missing" in failed.output
    assert (broken / "UNFINISHED").exists()
    assert_refused(
        resume(broken, "--seed", 3, "--no-why", "--out", tmp_path / "other"),
        "--resume goes on with what the run was asked for; leave out --seed, --why, --out",
    )
    assert_refused(resume(broken, "--corpus", recordings / "none.csv"), "none.csv: no such")
    gone_on = resume(broken, "--corpus", recordings / "manifest.csv")
    assert gone_on.exit_code == 0, gone_on.output
    assert f"Everything in {broken}" in gone_on.output.replace("\n", "")
    assert fedasc(recordings, "--nights", 2, "--out", whole).exit_code == 0
    for name in ("devices.csv", "nights.csv"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()
    assert_refused(resume(broken), "is finished")
    assert_refused(resume(tmp_path / "nowhere"), "no folder of a run")


def test_a_quiet_run_tells_where_its_results_are_and_nothing_else(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    result = fedasc(recordings, "--quiet", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert result.output == f"Everything in {tmp_path / 'out'}\n"
    again = fedasc(recordings, "--quiet", "--out", tmp_path / "out")
    assert_refused(again, "exists")


def test_results_in_json_stand_alone_on_standard_output(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    result = fedasc(recordings, "--json", "--out", tmp_path / "out")
    assert result.exit_code == 0
    told = json.loads(result.stdout, parse_constant=pytest.fail)  # no NaN, which JSON hasn't
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told["folder"] == str(tmp_path / "out")
    assert told["corpus"] == summary["corpus"]
    assert [profile["profile"] for profile in told["profiles"]] == ["home", "town", "all"]


@pytest.mark.parametrize("why", [True, False])
def test_a_probe_of_ones_own_adds_its_columns(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
    why: bool,
) -> None:
    file = tmp_path / f"probe_{why}.py"
    file.write_text(PROBE)
    without = () if why else ("--no-why",)
    out = tmp_path / "out"
    probes = ("--probe", f"{file}:Loud", "--probe", "two-samples")
    result = fedasc(recordings, *probes, *without, "--out", out)
    assert result.exit_code == 0, result.output
    columns = (out / "devices.csv").read_text().splitlines()[0].split(",")
    assert columns[-3:] == ["loudest_db", "two_sample_accuracy", "two_sample_auc"]
    assert ("energy_distance" in columns) is why
    names = [probe["name"] for probe in json.loads((out / "settings.json").read_text())["probes"]]
    assert names[-1] == "two-samples"
    assert len(names) == (5 if why else 2)


@pytest.mark.parametrize(
    ("probe", "told"),
    [("two-sample", "did you mean 'two-samples'?"), ("nowhere.py:Mine", "no such file")],
)
def test_a_probe_that_is_none_is_refused(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
    probe: str,
    told: str,
) -> None:
    out = tmp_path / "out"
    assert_refused(fedasc(recordings, "--probe", probe, "--out", out), told)
    assert not out.exists()


def test_who_attacks_stands_in_the_results_of_the_others(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    result = fedasc(recordings, "--attack", "far", "--attackers", 0.4, "--no-why", "--out", out)
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert "1 device(s) attack (far); all accuracies are those of the other users" in told
    with (out / "devices.csv").open(newline="") as file:
        assert sorted(row["attack"] for row in csv.DictReader(file)) == ["", "far"]
    profiles = json.loads((out / "summary.json").read_text())["profiles"]
    assert [profile["n_users"] for profile in profiles] == [1, 1]
    attack = json.loads((out / "settings.json").read_text())["attack"]
    assert attack == {"name": "far", "share": 0.4}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--attackers", 0.2), "--attackers says how many attack, but nothing says how"),
        (("--attack", "far", "--attackers", 1.5), "share must be at least 0 and less than 1"),
        (("--attack", "far", "--attackers", 0.9), "nobody would be left whom it could harm"),
        (("--attack", "near"), "'near' is not one of"),
    ],
)
def test_an_attack_that_is_none_is_refused(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
    options: tuple[object, ...],
    told: str,
) -> None:
    assert_refused(fedasc(recordings, *options, "--out", tmp_path / "out"), told)
