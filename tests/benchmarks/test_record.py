"""Times as JSON, read back and compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.record import Record, changes, read_record
from fedasc.errors import SettingsError


def written(record: Record, folder: Path) -> Path:
    path = folder / "bench.json"
    path.write_text(record.as_json())
    return path


def test_what_was_written_is_read_back(record: Record, tmp_path: Path) -> None:
    assert read_record(written(record, tmp_path)) == record


def test_raw_times_medians_and_ratios_stand_in_the_file(record: Record) -> None:
    ours, rival = json.loads(record.as_json())["stages"][0]["timings"]
    assert rival["seconds"] == [8.0, 5.0, 3.0]
    assert (ours["rate"], rival["rate"]) == (10, 2)
    assert (ours["gflops"], rival["gflops"]) == (2.5, None)
    assert (ours["device_ms"], rival["device_ms"]) == (100, 500)
    assert rival["ratio"] == {"median": 5.0, "low": 1.5, "high": 10.0}


def test_the_same_work_is_compared_and_nothing_else(record: Record) -> None:
    night, ams = record.stages
    faster = replace(night.timings[0], seconds=(1.0, 1.0, 1.0))
    now = replace(
        record,
        stages=(
            replace(night, timings=(faster, replace(night.timings[1], way="new rival"))),
            replace(ams, work="other work"),
            replace(night, n_devices=5),
        ),
    )
    (change,) = changes(record, now)
    assert (change.stage, change.n_devices, change.way) == ("night", 20, "fedasc")
    assert (change.before, change.now, change.ratio) == (10, 20, 2)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"format": 7}',
        '{"format": 2, "began": "", "machine": {}, "stages": []}',
        '{"format": 2, "began": "", "machine": {}, "stages": [{}]}',
        '{"format": 2, "began": "", "machine": {}, "stages": 3}',
    ],
)
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match=r"bench\.json: (not a|written by another)"):
        read_record(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_record(tmp_path / "bench.json")
