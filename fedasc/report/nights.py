"""How users fared from night to night."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import R, honest, judged
from fedasc.report.figures import panels
from fedasc.report.rows import Row, mean_accuracy
from fedasc.report.terminal import Cell, gain, interval, number, share, table_of, text

_COLOURS = dict(zip(CLASSIFIERS, ("#999999", "#0072b2", "#d55e00", "#009e73"), strict=True))

_WORDS = ("in time", "late", "missing", "lost")
"""How devices took part."""


def night_rows(nights: Iterable[Sequence[R]]) -> tuple[dict[str, Any], ...]:
    """A row per night and profile, and one of all users: means over those who were there.

    Those whose devices attack don't count.

    Args:
        nights: By night and device; each is looked at once.
    """
    names: dict[str, None] = {}
    rows: list[dict[str, Any]] = []
    for everyone in nights:
        records = honest(everyone)
        names |= dict.fromkeys(record.profile for record in records)
        rows += [
            _row(name, [record for record in records if name in (record.profile, "all")])
            for name in (*names, "all")
            if any(name in (record.profile, "all") for record in judged(records))
        ]
    return tuple(rows)


def _row(profile: str, records: Sequence[R]) -> dict[str, Any]:
    left = judged(records)
    gains = [record.gain for record in left]
    low, high = interval_of_mean(np.array(gains))
    words = [record.took_part for record in records]
    return {
        "night": records[0].night,
        "profile": profile,
        "n_users": len(left),
        **{f"n_{word.replace(' ', '_')}": words.count(word) for word in _WORDS},
        **{f"{name}_accuracy": mean_accuracy(left, name) for name in CLASSIFIERS},
        "gain": float(np.mean(gains)),
        "gain_low": low,
        "gain_high": high,
        "made_worse": float(np.mean([gain < 0 for gain in gains])),
        "bytes_up": float(np.mean([record.bytes_up for record in left])),
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
        for classifier, colour in _COLOURS.items():
            accuracy = [100 * row[f"{classifier}_accuracy"] for row in shown]
            label = classifier if name == names[0] else None
            axes.plot([row["night"] for row in shown], accuracy, marker=".", c=colour, label=label)
    figure.supxlabel("night")
    figure.supylabel("mean accuracy (%)")
    figure.legend(ncols=len(_COLOURS), loc="outside upper center")
    return figure


def night_table(rows: Sequence[Row]) -> Table:
    """All users, night by night.

    Args:
        rows: See `night_rows`.
    """
    columns: dict[str, Cell] = {
        **{"night": text("night"), "users": text("n_users")},
        **{"late": text("n_late"), "missing": text("n_missing"), "lost": text("n_lost")},
        **{"before": share("baseline_accuracy"), "after": share("personal_accuracy")},
        "gain": gain("gain"),
        "95 % interval": lambda row: interval(row["gain_low"], row["gain_high"]),
        "worse": lambda row: f"{number(100 * row['made_worse'], '.0f')} %",
        "all data": share("comprehensive_accuracy"),
    }
    return table_of(
        [row for row in rows if row["profile"] == "all"],
        columns,
        title="Night by night: mean accuracy over users, in %",
        n_texts=0,
        wrap=False,
    )
