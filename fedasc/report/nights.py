"""How users fared from night to night."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich import box
from rich.table import Table

from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import DeviceRecord
from fedasc.report.rows import Row

_COLOURS = {
    "baseline": "#999999",
    "personal": "#0072b2",
    "comprehensive": "#d55e00",
    "teacher": "#009e73",
}


def night_rows(nights: Sequence[Sequence[DeviceRecord]]) -> tuple[dict[str, Any], ...]:
    """A row per night and profile, and one of all users: means over those who were there.

    Args:
        nights: By night and device.
    """
    names = list(dict.fromkeys(record.profile for records in nights for record in records))
    return tuple(
        _row(name, [record for record in records if name in (record.profile, "all")])
        for records in nights
        for name in (*names, "all")
        if any(name in (record.profile, "all") for record in records)
    )


def _row(name: str, records: Sequence[DeviceRecord]) -> dict[str, Any]:
    gains = [record.gain for record in records]
    low, high = interval_of_mean(np.array(gains))
    words = [record.took_part for record in records]
    return {
        "night": records[0].night,
        "profile": name,
        "n_users": len(records),
        **{
            f"n_{word.replace(' ', '_')}": words.count(word)
            for word in ("in time", "late", "missing")
        },
        **{
            f"{classifier}_accuracy": float(
                np.mean([record.accuracy[classifier] for record in records])
            )
            for classifier in CLASSIFIERS
        },
        "gain": float(np.mean(gains)),
        "gain_low": low,
        "gain_high": high,
        "made_worse": float(np.mean([gain < 0 for gain in gains])),
        "bytes_up": float(np.mean([record.bytes_up for record in records])),
    }


def plot_nights(rows: Sequence[Row], path: Path) -> None:
    """Mean accuracy of every classifier on each night, by profile and of all users.

    Args:
        rows: See `night_rows`.
    """
    names = list(dict.fromkeys(row["profile"] for row in rows))
    n_columns = min(len(names), 3)
    n_lines = -(-len(names) // n_columns)
    figure = Figure(figsize=(3.2 * n_columns, 2.6 * n_lines + 0.4), layout="constrained")
    axes = figure.subplots(n_lines, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
    for place, name in zip(axes, names, strict=False):
        its = [row for row in rows if row["profile"] == name]
        for classifier in CLASSIFIERS:
            place.plot(
                [row["night"] for row in its],
                [100 * row[f"{classifier}_accuracy"] for row in its],
                marker=".",
                color=_COLOURS[classifier],
                label=classifier if name == names[0] else None,
            )
        place.set_title(name, parse_math=False)
        place.xaxis.get_major_locator().set_params(integer=True)
    for number, place in enumerate(axes):
        place.set_visible(number < len(names))
        place.tick_params(labelbottom=number + n_columns >= len(names))
    figure.supxlabel("night")
    figure.supylabel("mean accuracy (%)")
    figure.legend(ncols=len(CLASSIFIERS), loc="outside upper center")
    figure.savefig(path, dpi=150)


def night_table(rows: Sequence[Row]) -> Table:
    """All users, night by night.

    Args:
        rows: See `night_rows`.
    """
    table = Table(
        "night", "users", "late", "missing", "before", "after", "gain", "95 % interval", "worse",
        "all data",
        title="Night by night: mean accuracy over users, in %",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
    )  # fmt: skip
    for column in table.columns:
        column.justify = "right"
        column.no_wrap = True
    for row in rows:
        if row["profile"] == "all":
            table.add_row(
                *(str(row[name]) for name in ("night", "n_users", "n_late", "n_missing")),
                f"{100 * row['baseline_accuracy']:.1f}",
                f"{100 * row['personal_accuracy']:.1f}",
                f"{100 * row['gain']:+.1f}",
                f"{100 * row['gain_low']:+.1f} to {100 * row['gain_high']:+.1f}",
                f"{100 * row['made_worse']:.0f} %",
                f"{100 * row['comprehensive_accuracy']:.1f}",
            )
    return table
