"""Data sets as they were drawn: asked and found, and profiles to simulate them with."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from rich.text import Text

from fedasc.corpus.data_sets import Count, DataSets
from fedasc.corpus.recordings import LABELS
from fedasc.report.fitted import FittedTable
from fedasc.report.terminal import Cell, table_of


def data_set_table(counts: Sequence[Count], *, n_listed: int = 3) -> FittedTable:
    """Files asked and found in each set, by label, with the first types that fell short."""
    by_set: dict[str, list[Count]] = {}
    for count in counts:
        by_set.setdefault(count.data_set, []).append(count)

    def short(name: str) -> str:
        few = [
            f"{c.type or c.label} {c.found}/{c.asked}" for c in by_set[name] if c.found < c.asked
        ]
        if len(few) > n_listed:
            few = [*few[:n_listed], f"and {len(few) - n_listed} more, see counts.csv"]
        return ", ".join(few)

    def of_label(label: str) -> Cell:
        return lambda name: _found([c for c in by_set[name] if c.label == label])

    columns: dict[str, Cell] = {
        "set": Text,
        **{label: of_label(label) for label in LABELS},
        "all": lambda name: _found(by_set[name]),
        "short of": short,
    }
    title = "Files of 10 s, found (of asked, where fewer)"
    return table_of(by_set, columns, title=title, also_texts=("short of",))


def _found(counts: Sequence[Count]) -> str:
    n_asked, n_found = sum(c.asked for c in counts), sum(c.found for c in counts)
    return f"{n_found:,}" if n_found == n_asked else f"{n_found:,} (of {n_asked:,})"


def write_counts(path: Path, counts: Sequence[Count]) -> None:
    """Asked and found of every kind, as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Count)])
        writer.writeheader()
        writer.writerows(map(asdict, counts))


def profiles_text(data_sets: DataSets) -> str:
    """Profiles in TOML: users who hear what the sets with an aggregation part hold.

    What the baseline classifier knows is the set named baseline, or else the first to train on.
    """
    trained = [name for name, data_set in data_sets.sets.items() if "train" in data_set.shares]
    known = "baseline" if "baseline" in data_sets.sets else next(iter(trained), "")
    lines = ["# Users who hear what the data sets beside this file hold.", ""]
    for name, data_set in data_sets.sets.items():
        if name != known and "aggregation" not in data_set.shares:
            continue
        if name == known:
            lines += ["[baseline]", f"noise = {json.dumps(data_set.noise)}"]
        else:
            types = ", ".join(f"{json.dumps(kind)} = 1" for kind in data_set.noise)
            lines += [f"[users.{json.dumps(name)}]", f"noise = {{ {types} }}"]
        lines += [f"music = {json.dumps(data_set.music)}", f"data_set = {json.dumps(name)}", ""]
    return "\n".join(lines)
