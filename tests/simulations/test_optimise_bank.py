"""The search for a bank from its command line, on recordings written by the test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.audio.bank import FilterBank
from fedasc.bank_search.objective import CrossValidated
from fedasc.config import read_toml
from fedasc.settings import settings_of
from simulations.optimise_bank import app
from tests.worlds import write_recordings

SETTINGS = """
[bank]
modulation_edges_hz = [20, 40, 80, 160]
floor_dbfs = -85
[training_sets]
artificial = 200
comprehensive = 20
comprehensive_validation = 10
[embedded]
n_epochs = 5
[teacher]
members = [{ name = "ensemble", n_trees = 10 }]
"""
START = FilterBank(modulation_edges_hz=(20.0, 40.0, 80.0, 160.0), floor_dbfs=-85.0)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a manifest, WAV files and settings whose bank is a poor one."""
    folder = tmp_path_factory.mktemp("recordings")
    write_recordings(folder)
    (folder / "settings.toml").write_text(SETTINGS)
    return folder


def optimise(recordings: Path, *arguments: str, **paths: Path) -> Result:
    options = {
        "corpus": recordings / "manifest.csv",
        "settings": recordings / "settings.toml",
    } | paths
    line = [part for name, path in options.items() for part in (f"--{name}", str(path))]
    return CliRunner().invoke(app, [*line, "--evaluations", "8", "--windows", "80", *arguments])


def bank_in(path: Path) -> FilterBank:
    return settings_of(read_toml(path), where="file").bank


def test_a_better_bank_is_found_written_for_a_run_and_shown(
    recordings: Path, tmp_path: Path
) -> None:
    out = tmp_path / "banks" / "bank.toml"
    result = optimise(recordings, "--objective", "lda", out=out)
    assert result.exit_code == 0, result.output
    bank = bank_in(out)
    assert bank.modulation_edges_hz != START.modulation_edges_hz
    assert bank.floor_dbfs == -85.0
    assert "cross-validated" in out.read_text().splitlines()[0]
    table = result.output
    for shown in ("20 40 80 160", "start", "found", "gain", "LDA", "C1", "ensemble", str(out)):
        assert shown in table.replace("\n", "")


def test_the_same_seed_finds_the_same_bank_from_the_cache_or_not(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = optimise(recordings, "--json", out=tmp_path / "told.toml")
    best = json.loads(told.stdout)["best"]
    assert (
        tuple(best["bank"]["carrier_edges_hz"]) == bank_in(tmp_path / "told.toml").carrier_edges_hz
    )
    assert best["accuracy"].keys() == {"C1", "LDA", "ensemble"}
    for name in ("one", "again", "elsewhere"):
        if name == "elsewhere":
            monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "other cache"))
        assert optimise(recordings, out=tmp_path / f"{name}.toml").exit_code == 0
    one = (tmp_path / "one.toml").read_bytes()
    assert (tmp_path / "again.toml").read_bytes() == one
    assert (tmp_path / "elsewhere.toml").read_bytes() == one


def test_what_was_best_is_in_the_file_when_a_search_is_cut_off(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge: Callable[[CrossValidated, FilterBank], float] = CrossValidated.__call__
    judged: dict[FilterBank, float] = {}

    def cut_off(self: CrossValidated, bank: FilterBank) -> float:
        if len(judged) == 6:
            raise RuntimeError("cut off")
        judged[bank] = judge(self, bank)
        return judged[bank]

    monkeypatch.setattr(CrossValidated, "__call__", cut_off)
    out = tmp_path / "bank.toml"
    assert isinstance(optimise(recordings, out=out).exception, RuntimeError)
    assert bank_in(out) == max(judged, key=lambda bank: judged[bank])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--objective", "luck"], "objective must be one of lda, embedded"),
        (["--evaluations", "0"], "at least 1 evaluation"),
        (["--windows", "10"], "10 windows per fold"),
        (["--seed", "-1"], "seed must not be negative"),
        (["--out", "bank.csv"], "ends in .toml"),
        (["--corpus", "nowhere.csv"], "nowhere.csv"),
        (["--settings", "nowhere.toml"], "no such file"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], reason: str, recordings: Path, tmp_path: Path
) -> None:
    result = optimise(recordings, "--out", str(tmp_path / "bank.toml"), *arguments)
    assert result.exit_code == 2
    assert reason in result.output
    assert len(result.output.strip().splitlines()) == 2, "that it starts, and why it ends"
    assert "Traceback" not in result.output


def test_a_start_that_cannot_be_searched_from_is_refused(recordings: Path, tmp_path: Path) -> None:
    settings = tmp_path / "wide.toml"
    settings.write_text("[bank]\ncarrier_edges_hz = [20, 700, 2400, 7000]\n")
    result = optimise(recordings, settings=settings, out=tmp_path / "bank.toml")
    assert result.exit_code == 2
    assert "carrier_edges_hz must lie between" in result.output
