"""A run whose process is killed in the middle of a night goes on as if nothing had happened."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from simulations.run import app
from tests.simulations.test_run import recordings  # noqa: F401

pytestmark = pytest.mark.cache("shared")

N_NIGHTS = 3
KILLED_DURING = 2
WITHIN_S = 300.0
SCRIPT = str(Path("simulations/run.py").resolve())


def arguments(recordings: Path, out: Path) -> list[str]:  # noqa: F811
    files = {"corpus": "manifest.csv", "settings": "settings.toml", "profiles": "profiles.toml"}
    named = [part for name, file in files.items() for part in (f"--{name}", recordings / file)]
    nights = [
        "--nights",
        N_NIGHTS,
        "--dropout",
        0.3,
        "--drift",
        0.3,
        "--engine",
        "local",
        "--no-audio",
    ]
    return [str(part) for part in (*named, *nights, "--out", out)]


def finished(*words: str) -> Result:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done


def test_a_run_that_was_killed_goes_on_elsewhere(
    recordings: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    finished(*arguments(recordings, tmp_path / "whole"))
    folder = tmp_path / "killed"
    command = [sys.executable, SCRIPT, *arguments(recordings, folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    ends = time.monotonic() + WITHIN_S
    while not (folder / "nights" / f"{KILLED_DURING - 1}.json.gz").exists():
        assert process.poll() is None, "it has ended by itself"
        assert time.monotonic() < ends
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert (folder / "UNFINISHED").exists()
    assert not (folder / "devices.csv").exists()
    done = finished("--resume", str(folder), "--engine", "local", "--workers", "2")
    assert f"Everything in {folder}" in done.stdout.replace("\n", "")
    assert not (folder / "UNFINISHED").exists()
    for name in ("devices.csv", "nights.csv"):
        assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
