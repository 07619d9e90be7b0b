"""The script that times: wherever it is started, it finds the benchmarks beside it."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "simulations" / "bench.py"


def test_it_is_started_from_anywhere(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, SCRIPT, "--stage", "dreams"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 2, process.stderr
    assert "stage must be one of ams, mixture" in process.stderr
