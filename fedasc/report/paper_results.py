"""The paper's experiments as rows per point and as differences within repetitions."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from fedasc.evaluation.scores import RIVALS
from fedasc.experiments.design import Result
from fedasc.experiments.paper import DISTILLED, OF_MIXTURE, OF_NIGHT, OF_USER
from fedasc.experiments.record import DeviceRecord
from fedasc.probes.probe import Probe
from fedasc.report.corpora import Gain
from fedasc.report.rows import Row, gain_columns, scene_columns, tally_columns
from fedasc.scenes import Scene

ENTRY = ("user", "system")
"""Columns that name a system on a user."""
COMPARED = (
    Gain("over_comprehensive", "Gain over the comprehensive C1"),
    Gain("over_baseline", "Gain over the baseline C1"),
)
"""What is put side by side of several corpora."""


def _columns(probes: Sequence[Probe]) -> tuple[str, ...]:
    return tuple(column for probe in probes for column in probe.columns)


_USER = _columns(OF_USER)
_PERSONAL = (
    *_columns(OF_MIXTURE),
    *("bytes_up", "n_drawn", "n_kept", "n_wanted"),
    *_columns(OF_NIGHT),
)


def point_rows(users: Sequence[str], results: Sequence[Result]) -> tuple[dict[str, Any], ...]:
    """A row for each user and system in every repetition.

    Beside it stands what both rivals reached, what is told of the user, and of personal systems
    how they came about, with what probes tell that a file names.

    Args:
        users: Profiles, in the order of the rows.
        results: Of a `fedasc.experiments.paper.paper_design`.
    """
    probes = [probe for result in results for probe in result.variant.settings.probes]
    asked = tuple(name for name in dict.fromkeys(_columns(probes)) if name not in _USER + _PERSONAL)
    rows: list[dict[str, Any]] = []
    for _, group in groupby(results, key=lambda result: result.repetition):
        repetition = list(group)
        for user in users:
            records = {
                result.variant.label[0]: record
                for result in repetition
                for record in result.records
                if record.profile == user
            }
            told = {"repetition": repetition[0].repetition, "seed": repetition[0].seed}
            rows += _rows_of_user(told | {"user": user}, records, (*_PERSONAL, *_USER, *asked))
    return tuple(rows)


def _rows_of_user(
    place: Row, records: Mapping[str, DeviceRecord], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """A user's rows in a repetition, from the record of each of her cells by label."""
    personal = {name: record for name, record in records.items() if name != DISTILLED}
    scores = dict(next(iter(personal.values())).scores)
    systems = {name: scores[name] for name in RIVALS}
    of_user: Row = {}
    if DISTILLED in records:
        systems[DISTILLED] = records[DISTILLED].scores["personal"]
        facts = records[DISTILLED].facts
        of_user = {name: facts[name] for name in _USER if name in facts}
    systems["teacher"] = scores["teacher"]
    systems |= {name: record.scores["personal"] for name, record in personal.items()}
    rows = []
    for system, score in systems.items():
        row = {**place, "system": system, "accuracy": score.accuracy, **dict(scene_columns(score))}
        for rival in RIVALS:
            row[f"{rival}_accuracy"] = scores[rival].accuracy
            row[f"{rival}_noise"] = scores[rival].recall(Scene.NOISE)
        told = of_user
        if record := personal.get(system):
            sent = {"bytes_up": record.bytes_up, **tally_columns(record)}
            told = {**record.facts, **sent, **of_user}
        rows.append(row | {name: told.get(name, "") for name in columns})
    return rows


def differences(rows: Sequence[Row]) -> tuple[dict[str, Any], ...]:
    """A row for every system on every user over all repetitions, beside both rivals.

    It tells the median accuracy, of the class noise alone too, and gains over either rival.
    """
    places = dict.fromkeys((row["user"], row["system"]) for row in rows)
    return tuple(
        _difference(*place, [row for row in rows if (row["user"], row["system"]) == place])
        for place in places
    )


def _difference(user: str, system: str, rows: Sequence[Row]) -> dict[str, Any]:
    difference = {
        "user": user,
        "system": system,
        "n_repetitions": len(rows),
        "accuracy": median_of(rows, "accuracy"),
        "noise": median_of(rows, "noise"),
        **{rival: median_of(rows, f"{rival}_accuracy") for rival in RIVALS},
        **{f"{rival}_noise": median_of(rows, f"{rival}_noise") for rival in RIVALS},
    }
    for score, prefix in (("accuracy", ""), ("noise", "noise_")):
        for rival in RIVALS:
            here, there = ([row[name] for row in rows] for name in (score, f"{rival}_{score}"))
            difference |= gain_columns(f"{prefix}over_{rival}", here, there)
    return difference


def median_of(rows: Sequence[Row], column: str) -> float:
    """Median over repetitions; NaN where a row has no number."""
    return float(np.median([float("nan") if row[column] == "" else row[column] for row in rows]))
