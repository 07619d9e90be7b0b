"""The commands that take a device's half out of Python: `fedasc run --device-code`, and export."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.device_code.parameters import wire
from fedasc.live.classifier_file import ClassifierFile, write_classifier
from fedasc.report import device_cost
from fedasc.runs.classifiers import read_classifier_of
from fedasc.runs.result import load
from simulations.device_code import app as near
from tests.aggregators.days import classifier
from tests.cli.grounds import write_ground
from tests.device_code.codes import BANK
from tests.device_code.compilers import needs_compiler
from tests.simulations.test_run import assert_refused


def fedasc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def shipped_in(folder: Path) -> bytes:
    """The bytes of the classifier that an exported folder holds."""
    text = (folder / "fedasc_parameters.h").read_text()
    numbers = text.partition("FEDASC_SHIPPED {")[2].partition("}")[0].replace("\\", " ")
    return bytes(int(number) for number in numbers.split(","))


LISTENING = """
[listening]
n_heard = 30
n_evaluation = 20
[release]
min_windows = 1
"""


@needs_compiler
def test_a_run_of_c_code_and_the_code_of_its_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = SimpleNamespace(per_second=1.2e6, memory_bytes=9540, flash_bytes=17_336)
    monkeypatch.setattr(device_cost, "measured_once", lambda *_, **__: measured)
    write_ground(tmp_path)
    with (tmp_path / "settings.toml").open("a") as file:
        file.write(LISTENING)
    run = tmp_path / "run"
    files = {"corpus": "rec/manifest.csv", "settings": "settings.toml", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", tmp_path / file)]
    asked = ("--aggregator", "kmeans", "--device-code", "c", "--no-why", "--measured", "--json")
    common = ("--engine", "local", "--workers", 1, "--clients", 2, "--out", run)
    done = fedasc("run", *line, *asked, *common)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["cost"]["aggregator"] == "kmeans"
    assert told["cost"]["measured_instructions_per_s"] == 1_200_000
    assert told["cost"]["measured_memory_bytes"] < told["cost"]["device_memory_bytes"]
    changed = told["device_code"]
    ours, theirs = (load(folder).records[-1] for folder in (run, run / "python"))
    gaps = [
        100 * (one.accuracy["personal"] - other.accuracy["personal"])
        for one, other in zip(ours, theirs, strict=True)
    ]
    assert changed["n_accuracies"] == 2
    assert changed["n_changed"] == sum(gap != 0 for gap in gaps)
    assert changed["mean_points"] == pytest.approx(np.mean(gaps))

    near_line = ("--run", run, "--corpus", tmp_path / files["corpus"], "--windows", 8)
    done = CliRunner().invoke(near, [str(part) for part in near_line])
    assert done.exit_code == 0, done.output
    for said, most_db in zip(done.stdout.splitlines(), (0.01, 0.25), strict=True):
        assert float(said.split()[1]) < most_db
        assert "of 8 windows" in said

    out = tmp_path / "device"
    done = fedasc("export", "--run", run, "--device", 1, "--out", out)
    assert done.exit_code == 0, done.output
    assert shipped_in(out) == wire(read_classifier_of(run, 1))
    assert shipped_in(out) != wire(read_classifier_of(run, None))
    text = (out / "fedasc_parameters.h").read_text()
    assert "FEDASC_AGGREGATOR FEDASC_KMEANS" in text
    assert f"of the run in {run}. Classifier: that of device 1" in (out / "README.md").read_text()
    assert_refused(fedasc("export", "--run", run, "--device", 2, "--out", tmp_path / "x"), "0 to 1")
    assert not (tmp_path / "x").exists()


def test_the_code_of_a_classifier_file(tmp_path: Path) -> None:
    file, out = tmp_path / "c1.npz", tmp_path / "device"
    write_classifier(file, ClassifierFile(classifier=classifier(), bank=BANK))
    asked = ("--aggregator", "kmeans", "--numbers", "fixed")
    done = fedasc("export", "--classifier", file, *asked, "--out", out)
    assert done.exit_code == 0, done.output
    assert shipped_in(out) == wire(classifier())
    assert {path.name for path in out.glob("*.c")} == {
        *("fedasc_device.c", "front_end_fixed.c", "classifier.c", "kmeans.c", "gaussians.c"),
        *("arithmetic.c", "summary.c", "main.c"),
    }


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "give --run a folder of a finished run, or --classifier a file"),
        (("--classifier", "c1.npz"), "no C code of aggregator 'gmm'"),
        (("--classifier", "c1.npz", "--device", 1), "--device goes with --run"),
        (("--classifier", "none.npz"), "no such classifier file"),
        (("--run", "none"), "no finished run"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    arguments: tuple[object, ...], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_classifier(Path("c1.npz"), ClassifierFile(classifier=classifier(), bank=BANK))
    assert_refused(fedasc("export", *arguments), reason)
    assert not Path("device").exists()
