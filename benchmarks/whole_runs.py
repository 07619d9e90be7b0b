"""Whole runs of a build: its script run.py as a user starts it, with recordings heard before."""

import csv
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.builds import Build
from benchmarks.memory import watched
from benchmarks.stage import Trial
from fedasc.errors import RunError
from fedasc.evaluation.scores import ON_DEVICES
from fedasc.report.json_text import json_text

_BY_DEVICES = ("personalising classifiers", "evaluating", "looking into devices")
"""Phases that last longer the more devices there are, and that no process is started in."""

_LISTENING = "listening and summarising"

_LISTENING_ONLY = {"strategy": {"name": "none"}, "aggregator": {"name": "nothing"}}
_LINES_TOLD = 3
_COLUMNS = [f"{classifier}_accuracy" for classifier in ON_DEVICES]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that has ended.

    Args:
        seconds: From the start of its process to its end.
        summary: What its `summary.json` holds.
        accuracies: Of devices in order, from 0 to 1, by what made the classifier.
    """

    seconds: float
    summary: Mapping[str, Any]
    accuracies: Mapping[str, NDArray[np.float64]]

    @property
    def accuracy(self) -> float:
        """Median over users with the classifiers that they got."""
        return float(self.summary["profiles"][-1]["accuracy"]["personal"])

    def seconds_of(self, *phases: str) -> float:
        """That passed in these phases."""
        spent: Mapping[str, float] = self.summary["seconds"]
        return sum(spent.get(phase, 0.0) for phase in phases)


@dataclass(frozen=True)
class Runs:
    """Runs of a build that differ in their number of devices only.

    Args:
        build: Whose.
        corpora: Manifests; the embedded corpus if there are none.
        settings: As files of `fedasc run` say them.
        n_workers: Processes.
    """

    build: Build
    corpora: Sequence[Path]
    settings: Mapping[str, Any]
    n_workers: int

    def whole(self, n_devices: int) -> Trial:
        """From the start of the process to its end; the result is the accuracy of the devices.

        It is the median over users with the classifiers that they got.
        """
        return self.whole_and_devices(n_devices)[0]

    def whole_and_devices(self, n_devices: int) -> tuple[Trial, float]:
        """The same, and the seconds in it that passed while devices listened and were served."""
        with watched() as peak:
            run = self.ended(n_devices)
        return (
            Trial(seconds=run.seconds, result=run.accuracy, peak_bytes=peak.n_bytes),
            run.seconds_of(_LISTENING, *_BY_DEVICES),
        )

    def start_and_end(self, n_devices: int) -> Trial:
        """The same without what takes longer the more devices there are."""
        run = self.ended(n_devices)
        return Trial(seconds=run.seconds - run.seconds_of(*_BY_DEVICES), result=run.accuracy)

    def listen(self, n_devices: int) -> None:
        """Have all devices hear their day and their evaluation windows, so that all is cached."""
        self.ended(n_devices, "--no-why", settings=_LISTENING_ONLY)

    def ended(
        self, n_devices: int, *options: str, settings: Mapping[str, Any] | None = None
    ) -> Ended:
        """What a run with further options and settings came to.

        Raises:
            RunError: If it fails; the last it said is told.
        """
        with TemporaryDirectory(prefix="fedasc-") as folder:
            file, out = Path(folder) / "settings.toml", Path(folder) / "run"
            file.write_text(as_toml({**self.settings, **(settings or {})}), encoding="utf-8")
            command = [
                *(str(self.build.python), str(self.build.source / "simulations" / "run.py")),
                *("--clients", str(n_devices), "--workers", str(self.n_workers)),
                *(word for path in self.corpora for word in ("--corpus", str(path.resolve()))),
                *("--settings", str(file), "--out", str(out), *options),
            ]
            began = time.perf_counter()
            done = subprocess.run(
                command,
                env=self.build.environment(),
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - began
            if done.returncode:
                told = " / ".join((done.stderr or done.stdout).strip().splitlines()[-_LINES_TOLD:])
                raise RunError(f"{self.build.name}, a run of {n_devices:,} devices: {told}")
            with (out / "devices.csv").open(encoding="utf-8", newline="") as table:
                rows = [
                    [float(row[name] or "nan") for name in _COLUMNS]
                    for row in csv.DictReader(table)
                ]
            return Ended(
                seconds=seconds,
                summary=json.loads((out / "summary.json").read_text(encoding="utf-8")),
                accuracies=dict(zip(ON_DEVICES, np.array(rows).T, strict=True)),
            )


def as_toml(settings: Mapping[str, Any]) -> str:
    """Sections of texts, numbers and truth values as a file of settings."""
    lines = []
    for name, section in settings.items():
        values = (f"{key} = {json_text(value).strip()}" for key, value in section.items())
        lines += [f"[{name}]", *values]
    return "\n".join(lines) + "\n"
