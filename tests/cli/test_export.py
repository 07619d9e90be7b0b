"""The commands that take a device's half out of Python: `fedasc run --device-code`, and export."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from fedasc.cli.main import app
from fedasc.device_code.parameters import wire
from fedasc.live.classifier_file import ClassifierFile, write_classifier
from fedasc.runs.classifiers import read_classifier_of
from fedasc.runs.result import load
from simulations.device_code import app as near
from tests.aggregators.days import classifier
from tests.device_code.codes import BANK
from tests.simulations.test_run import assert_refused, recordings  # noqa: F401


def fedasc(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def shipped_in(folder: Path) -> bytes:
    """The bytes of the classifier that an exported folder holds."""
    text = (folder / "fedasc_parameters.h").read_text()
    numbers = text.partition("FEDASC_SHIPPED {")[2].partition("}")[0].replace("\\", " ")
    return bytes(int(number) for number in numbers.split(","))


def test_a_run_of_c_code_and_the_code_of_its_devices(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    files = {"corpus": "manifest.csv", "settings": "settings.toml", "profiles": "profiles.toml"}
    line = [part for name, file in files.items() for part in (f"--{name}", recordings / file)]
    asked = ("--aggregator", "stepwise-em", "--device-code", "c", "--no-why", "--json")
    common = ("--engine", "local", "--workers", 1, "--clients", 2, "--out", run)
    done = fedasc("run", *line, *asked, *common)
    assert done.exit_code == 0, done.output
    changed = json.loads(done.stdout)["device_code"]
    ours, theirs = (load(folder).records[-1] for folder in (run, run / "python"))
    gaps = [
        100 * (one.accuracy["personal"] - other.accuracy["personal"])
        for one, other in zip(ours, theirs, strict=True)
    ]
    assert changed["n_accuracies"] == 2
    assert changed["n_changed"] == sum(gap != 0 for gap in gaps)
    assert changed["mean_points"] == pytest.approx(np.mean(gaps))

    near_line = ("--run", run, "--corpus", recordings / "manifest.csv", "--windows", 8)
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
    assert "FEDASC_AGGREGATOR FEDASC_STEPWISE_EM" in text
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
