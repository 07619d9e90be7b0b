"""What is shown of times."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.picture import plot_costs
from benchmarks.record import Record, changes
from benchmarks.table import bench_table, change_table


def shown(table: object, *, width: int = 80) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_table_tells_rates_cost_ratio_and_memory(record: Record) -> None:
    text = shown(bench_table(record))
    rival = next(line for line in text.splitlines() if "rival" in line)
    assert rival.split() == ["rival", "2.00", "500", "5.00", "[1.50,", "10.0]", "0.01"]
    assert "[and the extremes of single ones]" in text
    assert "night 20, fedasc: 1,024 MiB" in text
    assert "without another: isn't installed" in text
    assert "abacus, 2 cores; sgemm reaches 10 GFLOP/s" in text
    ours = next(line for line in text.splitlines() if line.startswith(" night 20 "))
    assert ours.split() == ["night", "20", "fedasc", "10.0", "100", "2.50"]


def test_the_comparison_tells_ratios_and_that_the_machine_was_another(record: Record) -> None:
    now = replace(record, machine={**record.machine, "processor": "slide rule"})
    text = shown(change_table(changes(record, now), record, now))
    assert text.count("1.00") == 3
    assert "another machine: processor was abacus" in text
    assert "n_cores was" not in text
    assert "nothing was timed" in shown(change_table((), record, record))


@pytest.mark.usefixtures("pixels")
def test_the_picture_is_drawn_where_the_number_of_devices_varies(
    record: Record, tmp_path: Path
) -> None:
    plot_costs(record.stages, tmp_path / "cost.png")
    assert (tmp_path / "cost.png").stat().st_size > 10_000
    plot_costs(record.stages[1:], tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
