from io import StringIO

from rich.console import Console

from fedasc.aggregators.aggregator import Budget
from fedasc.device_code.cores import CORES
from fedasc.device_code.measurement import Measured
from fedasc.report.device_budget import budget_rows, budget_table

HOW = {"clock_hz": 50e6, "nj_per_instruction": 0.174}


def measured(core: str, scale: int) -> Measured:
    return Measured(
        core=CORES[core],
        n_windows=5760,
        instructions={"front_end": 7.0 * scale, "classifier": 2.0 * scale, "aggregator": scale},
        summary_instructions=584_141,
        update_instructions=3,
        flash_bytes=23_680,
        static_bytes=9000,
        stack_bytes=796,
        up_bytes=5460,
        down_bytes=2537,
    )


def test_five_cores_stand_side_by_side_in_80_columns() -> None:
    each = [measured(core, 1_000_000 + number) for number, core in enumerate(CORES)]
    declared = Budget(n_bytes=5824, memory_bytes=13_385, n_macs=1)
    console = Console(file=StringIO(), width=80)
    console.print(budget_table(budget_rows(each, declared, **HOW), **HOW))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "…" not in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "Cortex-M0 Cortex-M3 Cortex-M4F Cortex-M7 Cortex-M33" in lines
    assert "together 10,000,000 10,000,010 10,000,020 10,000,030 10,000,040" in lines
    assert "memory 9,796 9,796 9,796 9,796 9,796" in lines
    share, energy = 1e7 / 50e6, (1e7 * 57_600 + 584_144) * 0.174e-9
    assert f"share of the core {' '.join([f'{100 * share:.2f} %'] * 5)}" in lines
    assert any(line.startswith(f"J a day {energy:.2f} ") for line in lines)
