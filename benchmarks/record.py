"""Times as a JSON file, to compare those of today with those of another day."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.stage import Stage
from benchmarks.timing import Ratio, Timing, ratio
from fedasc.errors import SettingsError
from fedasc.report.json_text import json_text

_FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A stage that was timed; see `Stage` for what isn't explained here.

    Args:
        tolerance, measure: Of the agreement between the ways.
        timings: fedasc's own first.
    """

    stage: str
    work: str
    unit: str
    n_devices: int | None
    per_device: float | None
    tolerance: float
    measure: str
    timings: tuple[Timing, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: Stage, timings: Sequence[Timing]) -> "Timed":
        return cls(
            stage=stage.name,
            work=stage.work,
            unit=stage.unit,
            n_devices=stage.n_devices,
            per_device=stage.per_device,
            tolerance=stage.agreement.tolerance,
            measure=stage.agreement.measure,
            timings=tuple(timings),
            left_out=dict(stage.left_out),
        )

    def ratio(self, rival: Timing) -> Ratio:
        """How many times as fast fedasc is."""
        return ratio(self.timings[0], rival)

    def device_ms(self, timing: Timing) -> float | None:
        """Milliseconds for one device; None where no share of the work is one device's."""
        return None if self.per_device is None else 1000 * timing.unit_s * self.per_device


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that was timed in one run.

    Args:
        began: Date and time (ISO 8601).
        machine: See `machine_facts`.
        commit: Of the build that was timed.
        command: Which timed it.
        against: Commit of the other build; nothing if empty.
        stages: In the order in which they were timed.
    """

    began: str
    machine: Mapping[str, Any]
    commit: str
    command: str
    against: str = ""
    stages: tuple[Timed, ...]

    def as_json(self) -> str:
        """Everything, and medians and ratios beside the raw times."""
        stages = []
        for timed in self.stages:
            content = asdict(timed)
            for timing, entry in zip(timed.timings, content["timings"], strict=True):
                entry["rate"] = timing.rate
                entry["gflops"] = timing.gflops
                entry["device_ms"] = timed.device_ms(timing)
                entry["ratio"] = asdict(timed.ratio(timing))
            stages.append(content)
        content = {"format": _FORMAT, "began": self.began, "machine": dict(self.machine)}
        made = {"commit": self.commit, "command": self.command, "against": self.against}
        return json_text({**content, **made, "stages": stages})


_FACTS = ("began", "machine", "commit", "command", "against")
_DERIVED = ("rate", "gflops", "device_ms", "ratio")


def read_record(path: Path) -> Record:
    """A record of another run.

    Raises:
        SettingsError: If the file is missing or holds anything else.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; give the bench.json of another run")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise SettingsError(f"{path}: written by another version of fedasc")
        stages = tuple(_timed(each) for each in content["stages"])
        return Record(**{name: content[name] for name in _FACTS}, stages=stages)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(f"{path}: not a bench.json written by simulations/bench.py") from error


def _timed(content: Mapping[str, Any]) -> Timed:
    timings = []
    for entry in content["timings"]:
        measured = {name: value for name, value in entry.items() if name not in _DERIVED}
        timings.append(Timing(**{**measured, "seconds": tuple(entry["seconds"])}))
    return Timed(**{**content, "timings": tuple(timings)})


@dataclass(frozen=True, kw_only=True)
class Change:
    """The same work on two days.

    Args:
        stage, way, unit: What and how.
        n_devices: Of the stage.
        before, now: Rates, amount per second.
    """

    stage: str
    way: str
    unit: str
    n_devices: int | None
    before: float
    now: float

    @property
    def ratio(self) -> float:
        """Above 1 if it is faster now."""
        return self.now / self.before


def changes(before: Record, now: Record) -> tuple[Change, ...]:
    """Every way that did the same work in both; what only one of them has is left out."""
    rates = {
        (timed.stage, timed.work, timed.n_devices, timing.way): timing.rate
        for timed in before.stages
        for timing in timed.timings
    }
    return tuple(
        Change(
            stage=timed.stage,
            way=timing.way,
            unit=timed.unit,
            n_devices=timed.n_devices,
            before=rates[key],
            now=timing.rate,
        )
        for timed in now.stages
        for timing in timed.timings
        if (key := (timed.stage, timed.work, timed.n_devices, timing.way)) in rates
    )
