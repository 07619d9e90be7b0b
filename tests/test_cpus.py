import os
import subprocess
import sys
from math import inf
from pathlib import Path

import pytest

from fedasc.cpus import quota, usable_cpus
from fedasc.execution import Execution


@pytest.mark.parametrize(
    ("own", "files", "cpus"),
    [
        ("0::/job/step", {"job/cpu.max": "150000 100000", "job/step/cpu.max": "max 100000"}, 1.5),
        ("0::/job/step", {"job/step/cpu.max": "50000 100000", "cpu.max": "400000 100000"}, 0.5),
        ("0::/../elsewhere", {"cpu.max": "300000 100000"}, 3.0),
        ("0::/", {"cpu.max": "max 100000"}, inf),
        (
            "7:cpuset:/\n4:cpu,cpuacct:/job",
            {
                "cpu,cpuacct/job/cpu.cfs_quota_us": "200000",
                "cpu,cpuacct/job/cpu.cfs_period_us": "100000",
            },
            2.0,
        ),
        ("4:cpu:/", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, inf),
        ("nonsense", {}, inf),
    ],
)
def test_the_tightest_quota_counts(
    tmp_path: Path, own: str, files: dict[str, str], cpus: float
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    (tmp_path / "own").write_text(f"{own}\n")
    assert quota(tmp_path, tmp_path / "own") == cpus


def test_without_control_groups_there_is_no_quota(tmp_path: Path) -> None:
    assert quota(tmp_path, tmp_path / "none") == inf


def test_a_quota_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fedasc.cpus._bound_to", lambda: 8)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    for cpus, expected in ((0.2, 1), (1.5, 2), (16.0, 8), (inf, 8)):
        monkeypatch.setattr("fedasc.cpus.quota", lambda cpus=cpus: cpus)
        assert usable_cpus() == expected
        assert Execution().n_workers == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="there is no affinity")
def test_workers_are_as_many_as_the_cpus_that_the_process_is_bound_to() -> None:
    asked = """
import os
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from fedasc.cli.options import N_WORKERS
from fedasc.execution import ALL_CPUS
print(N_WORKERS, ALL_CPUS.n_workers)
"""
    line = [sys.executable, "-c", asked]
    assert subprocess.run(line, capture_output=True, text=True, check=True).stdout == "1 1\n"
