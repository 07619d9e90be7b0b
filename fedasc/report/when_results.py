"""Results of a map of conditions: a row per user, and a row per condition over all repetitions."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from fedasc.evaluation.best_rival import lead
from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import RIVALS
from fedasc.experiments.conditions import AXES
from fedasc.experiments.design import Result
from fedasc.experiments.record import DeviceRecord, honest
from fedasc.experiments.when import PERSONAL, WhenGrid
from fedasc.report.rows import Row, gain_columns

_BESIDE = (*RIVALS, "teacher")
"""Classifiers of which every record tells, whatever the strategy."""


def user_rows(grid: WhenGrid, results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row per condition, repetition and user, with the accuracy of every system, on the last day.

    Users whose devices attack don't count.
    """
    by_label = {(one.variant.label, one.repetition): one for one in results}
    rivals = [label for label in grid.rivals if label not in RIVALS]
    rows = []
    for condition in grid.plan.conditions:
        place = {axis: getattr(condition, axis) for axis in AXES}
        for number in range(grid.plan.n_repetitions):
            of_system = {
                label: by_label[grid.systems[condition, label].label, number]
                for label in (PERSONAL, *rivals)
            }
            last = {label: _on_last_night(one) for label, one in of_system.items()}
            for device, record in last[PERSONAL].items():
                rows.append(
                    {
                        **place,
                        "repetition": number,
                        "seed": of_system[PERSONAL].seed,
                        "device": device,
                        "profile": record.profile,
                        PERSONAL: record.accuracy["personal"],
                        **{name: record.accuracy[name] for name in _BESIDE},
                        **{label: last[label][device].accuracy["personal"] for label in rivals},
                    }
                )
    return rows


def condition_rows(rivals: Sequence[str], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row per condition, over all repetitions, of each of which the mean over users counts.

    It tells the mean accuracy of every system; how far the personal classifier lies before the best
    rival, over_best, with the interval, and with a rival chosen in other repetitions,
    over_held_out (see `fedasc.evaluation.best_rival.Lead`); whether it pays, which is so if no
    rival may be as good; the share of users who would fare better with the comprehensive
    classifier, worse, with the 95 % interval of the mean over repetitions (Student's t); and the
    gain over each rival.

    Args:
        rivals: Their columns.
        rows: See `user_rows`.
    """
    return [
        _condition(rivals, list(some))
        for _, some in groupby(rows, key=lambda row: [row[axis] for axis in AXES])
    ]


def _condition(rivals: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    parts = [list(some) for _, some in groupby(rows, key=lambda row: row["repetition"])]
    means = {
        system: [float(np.mean([row[system] for row in some])) for some in parts]
        for system in (PERSONAL, *rivals, "teacher")
    }
    over = lead(means[PERSONAL], {rival: means[rival] for rival in rivals})
    worse = np.array([_share_worse(some) for some in parts])
    low, high = interval_of_mean(worse)
    return {
        **{axis: rows[0][axis] for axis in AXES},
        "n_repetitions": len(parts),
        **{f"{system}_accuracy": float(np.mean(values)) for system, values in means.items()},
        "best_rival": over.rival,
        "over_best_mean": over.mean,
        "over_best_low": over.low,
        "over_best_high": over.high,
        "over_held_out_mean": over.held_out,
        "pays": over.is_beyond_doubt,
        "worse": float(worse.mean()),
        "worse_low": low,
        "worse_high": high,
        **{
            column: value
            for rival in rivals
            for column, value in gain_columns(
                f"over_{rival}", means[PERSONAL], means[rival]
            ).items()
        },
    }


def _share_worse(rows: Sequence[Row]) -> float:
    return float(np.mean([row[PERSONAL] < row["comprehensive"] for row in rows]))


def _on_last_night(result: Result) -> Mapping[int, DeviceRecord]:
    """By device."""
    last = result.records[-1].night
    return {record.device: record for record in honest(result.records) if record.night == last}
