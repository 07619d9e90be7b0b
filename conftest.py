"""What must be set before anything of fedasc is imported, for its tests and its doctests."""

import os
from pathlib import Path

# Its usual 15 lets what a test waits for starve beside the other worker of pytest-xdist.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112

# Two processes that compile a function for different types at the same time can mix them up in
# numba's cache, so each worker has one of its own, which its subprocesses use too.
if _worker := os.environ.get("PYTEST_XDIST_WORKER"):
    _cache = Path(__file__).with_name("__pycache__") / f"numba-{_worker}"
    os.environ["NUMBA_CACHE_DIR"] = str(_cache)
