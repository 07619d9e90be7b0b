"""Curves of gain and harm over the values of a setting."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fedasc.evaluation.paired import interval_of_mean
from fedasc.experiments.curves import Curve
from fedasc.experiments.design import Result
from fedasc.experiments.record import DeviceRecord, honest, judged
from fedasc.report.figures import COLOURS
from fedasc.report.markdown import gain_in_words, markdown_table, whole_percent
from fedasc.report.rows import Row

_N_COLUMNS = 3


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
    curves_figure(rows).savefig(path, dpi=150)


def curves_figure(rows: Sequence[Row]) -> Figure:
    """A panel for each curve: the gain with its interval, and the share of users worse off."""
    labels = list(dict.fromkeys(row["curve"] for row in rows))
    n_lines = ceil(len(labels) / _N_COLUMNS)
    figure = Figure(figsize=(11, 3.2 * n_lines), layout="constrained")
    panels = figure.subplots(n_lines, _N_COLUMNS, squeeze=False, sharey=True).ravel()
    for axes, label in zip(panels, labels, strict=False):
        _panel(axes, [row for row in rows if row["curve"] == label])
    for axes in panels[len(labels) :]:
        axes.set_axis_off()
    for axes in panels[::_N_COLUMNS]:
        axes.set_ylabel("gain over comprehensive (points)\nusers worse off (%)")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, ncols=2, loc="outside upper center")
    return figure


def _panel(axes: Axes, rows: Sequence[Row]) -> None:
    rows = sorted(rows, key=lambda row: row["value"]) if _are_numbers(rows) else rows
    places = np.arange(len(rows))
    gain, low, high = (
        100 * np.array([row[f"gain_{part}"] for row in rows]) for part in ("mean", "low", "high")
    )
    spread = [np.nan_to_num(gain - low), np.nan_to_num(high - gain)]
    axes.errorbar(places, gain, spread, fmt="o-", color=COLOURS[0], capsize=3, label="gain, 95 %")
    worse = [100 * row["worse"] for row in rows]
    axes.plot(places, worse, "s--", color=COLOURS[1], label="share of users worse off")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(places, [str(row["value"]) for row in rows], parse_math=False)
    axes.set_xlabel(rows[0]["curve"])


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
