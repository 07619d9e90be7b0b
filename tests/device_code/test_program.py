"""The program that comes with the library: raw samples in, lines out."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.device_code.compiler import compiled, compiler
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.files import library_files, source, write_library
from fedasc.device_code.library import DeviceLibrary
from fedasc.device_code.wire import summary_of_bytes
from fedasc.errors import SettingsError
from fedasc.scenes import SCENE_NAMES
from tests.device_code.codes import code, sounds

STRICT = ("-Werror", "-O1")
SANITISED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@cache
def has_sanitisers() -> bool:
    with TemporaryDirectory() as name:
        return _has_sanitisers(Path(name))


def _has_sanitisers(folder: Path) -> bool:
    try:
        compiled({"a.c": "int main(void) { return 0; }"}, folder / "a", options=SANITISED)
        return subprocess.run([folder / "a"], check=False).returncode == 0
    except SettingsError:
        return False


@pytest.mark.parametrize(
    "made",
    [
        code(StepwiseEmAggregator(), bits=8),
        code(KMeansAggregator(n_components=3, batch_size=6), numbers="fixed"),
    ],
    ids=["single", "fixed"],
)
def test_program_tells_what_the_library_tells(made: DeviceCode, tmp_path: Path) -> None:
    """Without a warning, and without a word of the address and undefined-behaviour sanitisers."""
    if not has_sanitisers():
        pytest.skip(f"{compiler()[0]} has no sanitisers")
    program = tmp_path / "fedasc"
    sources = {**library_files(made), "main.c": source("main.c")}
    compiled(sources, program, options=(*STRICT, *SANITISED))
    loud = np.where(np.arange(160_000) // 53 % 2, 32767, -32768)
    samples = np.concatenate([*sounds()[:2], loud, sounds()[0, :99]]).astype("<i2")
    day = tmp_path / "day.bytes"
    done = subprocess.run(
        [program, day, "7"], input=samples.tobytes() + b"\0", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    device, lines = DeviceLibrary(made).start(seed=7), []
    for start in range(3):
        device.push(samples[160_000 * start : 160_000 * (start + 1)])
        lines.append(
            f"{10 * start:.1f} 10.0 {SCENE_NAMES[device.scene]} {device.certainty:.2f} "
            f"{device.level_dbfs:.1f}"
        )
    assert done.stdout.decode().splitlines() == lines
    assert day.read_bytes() == device.summary_bytes()
    kind, bits = made.aggregator.kind, made.release.bits
    summary_of_bytes(day.read_bytes(), kind=kind, n_windows=3, bits=bits)


def test_an_exported_folder_says_what_came_from_where(tmp_path: Path) -> None:
    folder = tmp_path / "device"
    write_library(folder, code(), origin="Classifier: a test's.")
    text = (folder / "README.md").read_text()
    assert "Classifier: a test's." in text
    assert "stepwise-em" in text
    for name in ("fedasc_device.h", "fedasc_device.c", "fedasc_parameters.h", "main.c", "Makefile"):
        assert (folder / name).is_file()
