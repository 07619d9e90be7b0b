"""The command `fedasc budget`."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fedasc.device_code.firmware
import fedasc.device_code.kept
from fedasc.cli.budget import _CORES
from fedasc.cli.main import app
from fedasc.device_code.cores import CORES
from fedasc.report.device_cost import cost_columns
from fedasc.settings import settings_of
from tests.simulations.test_run import assert_refused


def test_a_core_and_what_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ziglang", "unicorn", "elftools"):
        pytest.importorskip(module, reason="needs fedasc[device]")
    out = tmp_path / "budget.csv"
    asked = ("--core", "m4f", "--aggregator", "moments", "--hours", "0.1")
    given = ("--clock-mhz", "10", "--nj-per-instruction", "0.5", "--out", str(out), "--json")
    done = CliRunner().invoke(app, ["budget", *asked, *given])
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)["cores"]
    assert row["core"] == "Cortex-M4F"
    assert row["core_share"] == pytest.approx(row["instructions_per_s"] / 1e7, rel=1e-6)
    at_night = row["summary_instructions"] + row["update_instructions"]
    total = 360 * row["instructions_per_s"] + at_night
    assert row["energy_j_per_day"] == pytest.approx(0.5e-9 * total, rel=1e-4)
    assert row["memory_bytes"] == row["static_bytes"] + row["stack_bytes"]
    assert 0 < row["memory_bytes"] <= row["declared_memory_bytes"]
    assert (row["up_bytes"], row["down_bytes"]) == (364, 2537)
    with out.open() as file:
        (told,) = csv.DictReader(file)
    assert told["flash_bytes"] == str(row["flash_bytes"])

    def measure(*_: object, **__: object) -> None:
        raise AssertionError("it is kept")

    monkeypatch.setattr(fedasc.device_code.kept, "measure", measure)
    content = {"aggregator": {"name": "moments"}, "listening": {"n_heard": 36}}
    costs = cost_columns(settings_of(content, where="here"))
    for name in ("instructions_per_s", "memory_bytes", "flash_bytes"):
        assert costs[f"measured_{name}"] == row[name]


def test_what_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tuple(CORES) == _CORES
    budget = ["budget", "--core", "m0", "--aggregator", "moments"]
    assert_refused(CliRunner().invoke(app, [*budget, "--core", "z80"]), "known are m0, m3")
    done = CliRunner().invoke(app, ["budget", "--core", "m0"])
    assert_refused(done, "no C code of aggregator 'gmm'")
    monkeypatch.setattr(fedasc.device_code.firmware, "has_ziglang", lambda: False)
    assert_refused(CliRunner().invoke(app, budget), "install fedasc[device]")
