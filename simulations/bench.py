"""Time every stage of a night, and the whole, against what a user would do otherwise."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the benchmarks are in no wheel

from benchmarks.command import app

if __name__ == "__main__":
    app()
