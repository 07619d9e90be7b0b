"""Runs of more and more devices: what they cost is told, and each hears anew."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.builds import this_build
from benchmarks.scaling import Size, figure_of, page_of, read_sizes, sizes, write_sizes
from benchmarks.whole_runs import Ended, Runs

CONDITIONS = {"command": "c", "commit": "0123456789", "processor": "P", "n_cores": 2}
SIZES = [
    Size(n_devices=2000, seconds=150.0, device_seconds=120.0, peak_bytes=2_600_000_000),
    Size(n_devices=20000, seconds=1230.0, device_seconds=1200.0, peak_bytes=None),
]


def test_a_page_comes_again_of_what_stands_beside_it(tmp_path: Path) -> None:
    page = tmp_path / "scaling.md"
    write_sizes(page, CONDITIONS, SIZES)
    text = page.read_text()
    assert "| 2,000 | 150 s | 60.0 ms | 2,600 MB |" in text
    assert "| 20,000 | 1,230 s | 60.0 ms | – |" in text
    assert {path.suffix for path in tmp_path.iterdir()} == {".md", ".json", ".png", ".pdf", ".svg"}
    assert read_sizes(page.with_suffix(".json")) == (CONDITIONS, SIZES)
    assert page_of("scaling", CONDITIONS, SIZES) == text


def test_axes_begin_at_zero_and_have_every_number() -> None:
    left, right = figure_of(SIZES).axes
    assert np.asarray(left.lines[0].get_ydata()).tolist() == [60.0, 60.0]
    assert np.asarray(right.lines[0].get_xdata()).tolist() == [2000]
    assert left.get_ylim()[0] == right.get_ylim()[0] == 0


def test_nothing_that_devices_heard_is_there_before_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[str]]] = []

    def run(self: Runs, n_devices: int, *rest: Any) -> Ended:
        cache = self.build.cache
        seen.append((n_devices, sorted(path.name for path in cache.iterdir())))
        for shelf in ("features", "verdicts", "pool"):
            (cache / shelf).mkdir(exist_ok=True)
        phases = {"preparing": 3.0, "listening and summarising": 2.0, "evaluating": 1.0}
        accuracy = {"accuracy": {"personal": 0.9}}
        summary = {"profiles": [accuracy], "seconds": phases}
        return Ended(seconds=10.0, summary=summary, accuracies={})

    monkeypatch.setattr(Runs, "ended", run)
    (size, other) = sizes(this_build(), [30, 300], n_workers=2)
    assert seen == [(2, []), (30, ["pool"]), (300, ["pool"])]
    assert (size.device_seconds, size.device_ms, size.seconds) == (3.0, 100.0, 10.0)
    assert other.device_ms == pytest.approx(10.0)
