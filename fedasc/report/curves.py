"""Curves of gain and harm over the values of a setting."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fedasc.evaluation.paired import interval_of_mean
from fedasc.experiments.curves import Curve
from fedasc.experiments.design import Result
from fedasc.experiments.record import DeviceRecord, honest, judged
from fedasc.report.figures import explain, reach, save, signed, zero
from fedasc.report.looks import CLASSIFIERS as LOOKS
from fedasc.report.markdown import gain_in_words, markdown_table, whole_percent
from fedasc.report.rows import Row

_TITLES = (
    "gain over comprehensive\n(points)",
    "less the first value,\npaired by repetition (points)",
    "users worse off\n(%)",
)


def curve_rows(curves: Mapping[str, Curve], results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row for each value of each curve, of last nights.

    gain_mean is that over the comprehensive classifier, in accuracy, the mean over users and then
    over repetitions, with its 95 % interval over the latter (Student's t); change_mean is its
    difference to the curve's first value, paired by repetition; worse the share of users in all
    repetitions whom the comprehensive classifier would serve better; pays of those who got one of
    their own.
    """
    last: dict[tuple[str, ...], list[list[DeviceRecord]]] = defaultdict(list)
    for result in results:
        night = max(record.night for record in result.records)
        some = [record for record in result.records if record.night == night]
        last[result.variant.label].append(list(judged(honest(some))))
    rows = []
    for label, curve in curves.items():
        first = _gains(last[label, str(curve.values[0])])
        for value in curve.values:
            repetitions = last[label, str(value)]
            gains = _gains(repetitions)
            records = [record for some in repetitions for record in some]
            rows.append(
                {
                    "curve": label,
                    "setting": curve.setting,
                    "value": value,
                    **_interval("gain", gains),
                    **_interval("change", gains - first),
                    "worse": float(np.mean([_gain(record) < 0 for record in records])),
                    "pays": float(np.mean([record.pays for record in records])),
                    "n_answers": float(np.mean([record.n_answers for record in records])),
                    "n_users": len(records),
                    "n_repetitions": len(repetitions),
                }
            )
    return rows


def curves_in_words(rows: Sequence[Row]) -> str:
    """A table of all curves, in points of accuracy."""
    heads = ("curve", "value", "over comprehensive", "less the first", "worse off", "gets her own")
    return markdown_table(
        heads,
        (
            (
                row["curve"],
                str(row["value"]),
                *(gain_in_words(row, name) for name in ("gain", "change")),
                *(whole_percent(row[name]) for name in ("worse", "pays")),
            )
            for row in rows
        ),
    )


def plot_curves(rows: Sequence[Row], path: Path) -> None:
    """Save `curves_figure`."""
    save(curves_figure(rows), path, dpi=150)


def curves_figure(rows: Sequence[Row]) -> Figure:
    """A line of panels for each curve: the gain, how it changes, and the share of users worse off.

    Args:
        rows: See `curve_rows`.
    """
    labels = list(dict.fromkeys(row["curve"] for row in rows))
    figure = Figure(figsize=(8, 1.9 * len(labels) + 0.7), layout="constrained")
    grid = figure.subplots(len(labels), 3, squeeze=False, sharex="row", sharey="col")
    for line, label in zip(grid, labels, strict=True):
        some = [row for row in rows if row["curve"] == label]
        _draw_curve(line, sorted(some, key=_value) if _are_numbers(some) else some)
        line[1].set_xlabel(label, parse_math=False)
    most = max(100 * row["worse"] for row in rows)
    grid[0, 2].set_ylim(-0.05 * max(most, 1), 1.1 * max(most, 1))
    for axes, title in zip(grid[0], _TITLES, strict=True):
        axes.set_title(title, fontsize=9)
    explain(figure, "bars: 95 % of the mean over repetitions (Student's t)")
    return figure


def _draw_curve(line: Sequence[Axes], rows: Sequence[Row]) -> None:
    places = np.arange(len(rows))
    look = {**LOOKS["personal"].as_line(), "ms": 4, "lw": 1.2}
    for axes, name in zip(line, ("gain", "change"), strict=False):
        mean, low, high = (
            100 * np.array([row[f"{name}_{part}"] for row in rows])
            for part in ("mean", "low", "high")
        )
        axes.errorbar(places, mean, reach(mean, low, high), capsize=2.5, **look)
        axes.yaxis.set_major_formatter(FuncFormatter(signed))
        zero(axes)
    line[2].plot(places, [100 * row["worse"] for row in rows], **look)
    for axes in line:
        axes.set_xticks(places, [str(row["value"]) for row in rows], parse_math=False, fontsize=8)
        axes.set_xlim(-0.4, len(rows) - 0.6)
        axes.grid(axis="y", linewidth=0.3, alpha=0.6)


def _value(row: Row) -> Any:
    return row["value"]


def _are_numbers(rows: Sequence[Row]) -> bool:
    return all(isinstance(row["value"], int | float) for row in rows)


def _gains(repetitions: Sequence[Sequence[DeviceRecord]]) -> np.ndarray:
    """(n_repetitions,) mean gain over the comprehensive classifier."""
    return np.array([np.mean([_gain(record) for record in some]) for some in repetitions])


def _gain(record: DeviceRecord) -> float:
    return record.accuracy["personal"] - record.accuracy["comprehensive"]


def _interval(name: str, values: np.ndarray) -> dict[str, float]:
    low, high = interval_of_mean(values)
    return {f"{name}_mean": float(values.mean()), f"{name}_low": low, f"{name}_high": high}
