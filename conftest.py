"""What must be set before anything of fedasc is imported, for its tests and its doctests."""

import os

# Its usual 15 lets what a test waits for starve beside the other worker of pytest-xdist.
os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
