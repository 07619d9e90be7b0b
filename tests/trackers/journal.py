"""A tracker of one's own, which writes down what it is told."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

JOURNAL = """
import json
import os
from dataclasses import dataclass
from pathlib import Path

from fedasc.trackers.tracker import Tracker


@dataclass(frozen=True)
class Journal(Tracker):
    hidden = ("SECRET_",)

    def log(self, run):
        return Book(run)


class Book:
    def __init__(self, run):
        self.path = Path(run.place) / "journal.jsonl"
        self.write(key=run.key, settings=run.settings, secret=os.environ.get("SECRET_KEY"))

    def write(self, **content):
        with self.path.open("a") as file:
            file.write(json.dumps(content) + "\\n")

    def night(self, number, numbers):
        if numbers.get("all/personal/mean") == 0.75 and os.environ.get("FAIL"):
            raise OSError("the pen is broken")
        self.write(night=number, numbers=numbers)

    def keep(self, files):
        self.write(files=[path.name for path in files])

    def close(self, *, is_finished):
        self.write(is_finished=is_finished)
"""


def write_journal(folder: Path) -> str:
    """The name of one that no other test has."""
    file = folder / f"journal_{uuid4().hex}.py"
    file.write_text(JOURNAL)
    return f"{file}:Journal"


def lines(folder: Path) -> list[dict[str, Any]]:
    """What it has written in a folder, or in one of it."""
    (path,) = folder.rglob("journal.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]
