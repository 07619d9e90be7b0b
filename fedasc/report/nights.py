"""How users fared from night to night."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedasc.evaluation.scores import CLASSIFIERS, MIN_USERS, interval_over_users
from fedasc.experiments.record import R, honest, judged
from fedasc.report.figures import explain, reach, zero
from fedasc.report.fitted import FittedTable
from fedasc.report.looks import CLASSIFIERS as LOOKS
from fedasc.report.rows import Row, mean_accuracy
from fedasc.report.terminal import Cell, gain, interval, number, share, table_of, text

_N_COLUMNS = 3
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
    low, high = interval_over_users(np.array(gains))
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


def nights_figure(rows: Sequence[Row]) -> Figure:
    """Mean accuracy of every classifier on each night, and below it the gain with its interval.

    A column for each profile and for all users; a third of them below each other if there are many.

    Args:
        rows: See `night_rows`.
    """
    names = list(dict.fromkeys(row["profile"] for row in rows))
    n_columns = min(len(names), _N_COLUMNS)
    n_lines = -(-len(names) // n_columns)
    size = 2.7 * n_columns + 0.4, 3.4 * n_lines + 0.7
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(
        2 * n_lines, n_columns, sharex=True, squeeze=False, height_ratios=(3, 2) * n_lines
    )
    upper, lower = grid[::2].ravel(), grid[1::2].ravel()
    for place, (levels, gains) in enumerate(zip(upper, lower, strict=True)):
        if place >= len(names):
            levels.set_visible(False)
            gains.set_visible(False)
            continue
        shown = [row for row in rows if row["profile"] == names[place]]
        _draw_levels(levels, shown)
        _draw_gains(gains, shown)
        levels.set_title(names[place], parse_math=False)
        gains.xaxis.get_major_locator().set_params(integer=True)
        if place + n_columns >= len(names):
            gains.set_xlabel("night")
        gains.tick_params(labelbottom=place + n_columns >= len(names))
        if place % n_columns == 0:
            levels.set_ylabel("mean accuracy (%)")
            gains.set_ylabel("gain (points)")
    for some in (upper[: len(names)], lower[: len(names)]):
        for axes in some:
            axes.margins(y=0.12)
        ends = [axes.get_ylim() for axes in some]
        for axes in some:
            axes.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))
    figure.legend(
        *upper[0].get_legend_handles_labels(), ncols=4, loc="outside upper center", frameon=False
    )
    explain(
        figure,
        "gain: personal less baseline, user by user; bars: 95 % of its mean over users "
        f"(Student's t), from {MIN_USERS} users on",
    )
    return figure


def _draw_levels(axes: Axes, rows: Sequence[Row]) -> None:
    for name, look in LOOKS.items():
        accuracy = [100 * row[f"{name}_accuracy"] for row in rows]
        how = look.as_line()
        axes.plot([row["night"] for row in rows], accuracy, label=name, ms=4, lw=1.2, **how)
    axes.grid(axis="y", linewidth=0.3, alpha=0.6)


def _draw_gains(axes: Axes, rows: Sequence[Row]) -> None:
    gain, low, high = (
        100 * np.array([row[name] for row in rows]) for name in ("gain", "gain_low", "gain_high")
    )
    nights = [row["night"] for row in rows]
    many = np.array([row["n_users"] >= MIN_USERS for row in rows])
    bars = np.where(many, reach(gain, low, high), np.nan)
    axes.errorbar(nights, gain, bars, ms=4, lw=1.2, capsize=2, **LOOKS["personal"].as_line())
    axes.grid(axis="y", linewidth=0.3, alpha=0.6)
    zero(axes)


def night_table(rows: Sequence[Row]) -> FittedTable:
    """All users, night by night.

    Args:
        rows: See `night_rows`.
    """
    columns: dict[str, Cell] = {
        **{"night": text("night"), "users": text("n_users")},
        **{"late": text("n_late"), "missing": text("n_missing"), "lost": text("n_lost")},
        **{"before": share("baseline_accuracy"), "after": share("personal_accuracy")},
        "gain": gain("gain"),
        "95 % interval": lambda row: interval(row["gain_low"], row["gain_high"]),
        "worse": lambda row: f"{number(100 * row['made_worse'], '.0f')} %",
        "all data": share("comprehensive_accuracy"),
    }
    return table_of(
        [row for row in rows if row["profile"] == "all"],
        columns,
        title="Night by night: mean accuracy over users, in %",
        n_texts=0,
    )
