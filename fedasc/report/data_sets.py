"""Data sets as they were drawn: asked and found, and profiles to simulate them with."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from rich.table import Table

from fedasc.corpus.data_sets import Count, DataSets
from fedasc.corpus.recordings import LABELS


def data_set_table(counts: Sequence[Count], *, n_listed: int = 3) -> Table:
    """Files asked and found in each set, by label, with the first types that fell short."""
    table = Table(title="Files of 10 s, found (of asked, where fewer)", box=None)
    table.add_column("set")
    for label in LABELS:
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("all", justify="right", no_wrap=True)
    table.add_column("short of")
    for name in dict.fromkeys(count.data_set for count in counts):
        of_set = [count for count in counts if count.data_set == name]
        short = [f"{c.type or c.label} {c.found}/{c.asked}" for c in of_set if c.found < c.asked]
        if len(short) > n_listed:
            short = [*short[:n_listed], f"and {len(short) - n_listed} more, see counts.csv"]
        by_label = (_found([c for c in of_set if c.label == label]) for label in LABELS)
        table.add_row(name, *by_label, _found(of_set), ", ".join(short))
    return table


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
