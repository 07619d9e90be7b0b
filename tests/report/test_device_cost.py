"""What devices take, with figures that stand for measured ones: those need the extra `device`."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.device_code import kept
from fedasc.device_code.cores import CORES, Core
from fedasc.device_code.declared import declared
from fedasc.device_code.design import DeviceCode
from fedasc.device_code.measurement import Measured
from fedasc.release.release import Release
from fedasc.report.device_cost import cost_columns, cost_table
from fedasc.settings import Settings

MOMENTS = Settings(aggregator=MomentsAggregator())
BLANK = {f"measured_{name}": None for name in ("instructions_per_s", "memory_bytes", "flash_bytes")}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[DeviceCode, Core, int]]:
    """What was measured, one after the other."""
    calls: list[tuple[DeviceCode, Core, int]] = []

    def measure(code: DeviceCode, core: Core, *, n_windows: int) -> Measured:
        calls.append((code, core, n_windows))
        return Measured(
            core=core,
            n_windows=n_windows,
            instructions={"front_end": 1000.0, "classifier": 200.4, "aggregator": 30.0},
            summary_instructions=5,
            update_instructions=6,
            flash_bytes=7000,
            static_bytes=800,
            stack_bytes=90,
            up_bytes=364,
            down_bytes=2537,
        )

    monkeypatch.setattr(kept, "measure", measure)
    monkeypatch.setattr(kept, "_versions", lambda: {"ziglang": "1"})
    return calls


def test_is_measured_once_and_by_what_it_depends_on(
    asked: list[tuple[DeviceCode, Core, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cost_columns(MOMENTS)
    ((code, core, n_windows),) = asked
    assert (code.kind, core, n_windows) == ("MOMENTS", CORES["m4f"], MOMENTS.listening.n_heard)
    assert first["measured_instructions_per_s"] == 1230
    assert first["measured_memory_bytes"] == 890
    assert first["measured_flash_bytes"] == 7000
    assert cost_columns(replace(MOMENTS, seed=MOMENTS.seed + 1)) == first
    assert len(asked) == 1
    cost_columns(replace(MOMENTS, release=Release(bits=8)))
    cost_columns(replace(MOMENTS, listening=replace(MOMENTS.listening, n_heard=7)))
    monkeypatch.setattr(kept, "_versions", lambda: {"ziglang": "2"})
    cost_columns(MOMENTS)
    assert len(asked) == 4


def test_what_is_not_in_c_is_declared_alone(asked: list[tuple[DeviceCode, Core, int]]) -> None:
    for settings in (
        replace(MOMENTS, aggregator=GmmAggregator()),
        replace(MOMENTS, release=Release(noise=0.1)),
    ):
        found = cost_columns(settings)
        budget = declared(
            settings.aggregator, settings.release, settings.bank, settings.listening.n_heard
        )
        assert found == {
            "device_bytes": budget.n_bytes,
            "device_memory_bytes": budget.memory_bytes,
            "device_macs": budget.n_macs,
            **BLANK,
        }
    assert asked == []


def test_the_table_has_a_line_for_each_that_differs(
    asked: list[tuple[DeviceCode, Core, int]],
) -> None:
    moments = {"aggregator": "moments", **cost_columns(MOMENTS)}
    gmm = {"aggregator": "gmm", **cost_columns(Settings())}
    console = Console(file=StringIO(), width=80)
    console.print(cost_table([moments, gmm, moments]))
    assert isinstance(console.file, StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    told = {line[0]: line[1:] for line in lines if line and line[0] in ("moments", "gmm")}
    assert sum(line[:1] == ["moments"] for line in lines) == 1
    assert told["moments"][3:] == ["1,230", "890", "7,000"]
    assert told["moments"][1] == f"{moments['device_memory_bytes']:,}"
    assert told["gmm"][3:] == ["–", "–", "–"]
