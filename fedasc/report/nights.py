"""How users fared from night to night."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import DeviceRecord
from fedasc.report.figures import panels
from fedasc.report.rows import Row
from fedasc.report.terminal import percent, plain_table, points

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
    """Save `nights_figure`."""
    nights_figure(rows).savefig(path, dpi=150)


def nights_figure(rows: Sequence[Row]) -> Figure:
    """Mean accuracy of every classifier on each night, by profile and of all users.

    Args:
        rows: See `night_rows`.
    """
    names = list(dict.fromkeys(row["profile"] for row in rows))
    figure, every = panels(names, panel_in=(3.2, 2.6), more_in=(0.0, 0.4), sharey=True)
    for axes, name in zip(every, names, strict=True):
        shown = [row for row in rows if row["profile"] == name]
        for classifier in CLASSIFIERS:
            axes.plot(
                [row["night"] for row in shown],
                [100 * row[f"{classifier}_accuracy"] for row in shown],
                marker=".",
                color=_COLOURS[classifier],
                label=classifier if name == names[0] else None,
            )
    figure.supxlabel("night")
    figure.supylabel("mean accuracy (%)")
    figure.legend(ncols=len(CLASSIFIERS), loc="outside upper center")
    return figure


def night_table(rows: Sequence[Row]) -> Table:
    """All users, night by night.

    Args:
        rows: See `night_rows`.
    """
    table = plain_table(
        "night", "users", "late", "missing", "before", "after", "gain", "95 % interval", "worse",
        "all data",
        title="Night by night: mean accuracy over users, in %",
        n_texts=0,
        wrap=False,
    )  # fmt: skip
    for row in rows:
        if row["profile"] == "all":
            table.add_row(
                *(str(row[name]) for name in ("night", "n_users", "n_late", "n_missing")),
                percent(row["baseline_accuracy"]),
                percent(row["personal_accuracy"]),
                points(row["gain"]),
                f"{points(row['gain_low'])} to {points(row['gain_high'])}",
                f"{100 * row['made_worse']:.0f} %",
                percent(row["comprehensive_accuracy"]),
            )
    return table
