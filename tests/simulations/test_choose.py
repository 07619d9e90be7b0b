"""Choosing between variants from the command line, on recordings written by the test."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations import choose
from tests.simulations.test_paper import STUDY
from tests.simulations.test_run import PROFILES, SETTINGS, assert_refused
from tests.worlds import TinyCorpus, write_recordings

VARIANTS = """
[variants.plain]

[variants."hard labels".strategy]
targets = "hard"
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder, TinyCorpus(n_groups=14, n_takes=1))
    study = STUDY.replace("components = [1, 3]", "components = [3]")
    study = study.replace("full_components = [1]", "full_components = []")
    (folder / "variants.toml").write_text(SETTINGS + study + VARIANTS)
    (folder / "profiles.toml").write_text(PROFILES)
    return folder


def run(recordings: Path, *arguments: str) -> Result:
    files = {"corpus": "manifest.csv", "variants": "variants.toml", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", str(recordings / file))]
    return CliRunner().invoke(choose.app, [*line, "--workers", "1", *arguments])


def test_every_variant_stands_beside_both_rivals(recordings: Path, tmp_path: Path) -> None:
    out = tmp_path / "choice.csv"
    result = run(recordings, "--out", str(out))
    assert result.exit_code == 0, result.output
    with out.open() as file:
        plain, hard = csv.DictReader(file)
    assert (plain["variant"], hard["variant"]) == ("plain", "hard labels")
    for name in ("baseline", "comprehensive", "teacher"):
        assert plain[name] == hard[name], "rivals don't depend on how personal ones are retrained"
    assert plain["personal"] != hard["personal"]
    for row in (plain, hard):
        gain = float(row["personal"]) - float(row["comprehensive"])
        assert float(row["over_comprehensive_mean"]) == pytest.approx(gain)
    told = json.loads(run(recordings, "--json").stdout, parse_constant=pytest.fail)
    assert [row["variant"] for row in told["variants"]] == ["plain", "hard labels"]
    assert str(told["variants"][0]["personal"]) == plain["personal"]
    reported = run(recordings, "--report", "--out", str(tmp_path / "report.csv"))
    assert reported.exit_code == 0, reported.output
    assert (tmp_path / "report.csv").read_text() != out.read_text(), "other recordings"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--variants", "nowhere.toml"), "retraining"),
        (("--out", "choice.txt"), "csv"),
        (("--repetitions", "0"), "repetitions"),
        (("--quiet",), "give --out or --json as well"),
    ],
)
def test_bad_input_is_one_line(recordings: Path, arguments: tuple[str, ...], said: str) -> None:
    assert_refused(run(recordings, *arguments), said)
