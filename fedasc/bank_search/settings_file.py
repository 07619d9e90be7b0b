"""A bank as a settings file, which a run takes as it is."""

import json
from dataclasses import asdict
from pathlib import Path

from fedasc.atomic import replaced
from fedasc.audio.bank import FilterBank


def write_bank(path: Path, bank: FilterBank, *, remark: str) -> None:
    """Write a bank, every setting of it, in place of what is there.

    Args:
        path: Settings file (TOML).
        remark: What the file says of itself, in one line.
    """
    lines = [f"{name} = {json.dumps(value)}" for name, value in asdict(bank).items()]
    with replaced(path) as file:
        file.write("\n".join([f"# {remark}", "[bank]", *lines, ""]).encode())
