"""A page says what a record says."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.page import page_of, write_page
from benchmarks.record import Record, read_record


def test_every_figure_stands_beside_its_command_and_its_commit(record: Record) -> None:
    text = page_of(record, "bench.json")
    night = text.partition("## night")[2].partition("## ")[0]
    rows = [line for line in night.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells[2] == ["night 20", "fedasc", "10.0", "100", "2.50", "25 %", ""]
    assert cells[3] == ["", "rival", "2.00", "500", "", "", "5.00 [1.50, 10.0]"]
    assert "- night 20, fedasc: 1,024 MiB at most in all processes" in night
    assert (
        "`python simulations/bench.py --against decaf05 --stage night`, commit `c0ffee1`" in night
    )
    assert "- without another: isn't installed" in text
    assert "`python simulations/bench.py`" in text
    assert "abacus, 2 cores, of which one reaches 10 GFLOP/s" in text


def test_numbers_of_devices_share_a_table(record: Record) -> None:
    night = record.stages[0]
    text = page_of(replace(record, stages=(night, replace(night, n_devices=1000))), "bench.json")
    assert text.count("## night") == 1
    assert text.count("| way |") == 1
    assert "| night 1,000 | fedasc |" in text


def test_without_another_build_no_command_names_one(record: Record) -> None:
    assert "--against" not in page_of(replace(record, against=""), "bench.json")


def test_the_record_is_put_beside_it(record: Record, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "performance.md"
    write_page(page, record)
    assert read_record(page.with_suffix(".json")) == record
    assert page.read_text() == page_of(record, "performance.json")


def test_the_limit_is_of_the_best_product(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.9, 1.0, 1.5, 2.0, 3.0])
    monkeypatch.setattr(machine, "_SGEMM_TIMES", 3)
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    assert machine.sgemm_gflops() == pytest.approx(2 * 1024**3 / 0.5 / 1e9)
