"""Rows of numbers for files, tables and figures, and what they say of a device.

Accuracies are shares from 0 to 1, gains differences of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fedasc.atomic import replaced
from fedasc.corpus.tables import table_text
from fedasc.evaluation.paired import paired
from fedasc.evaluation.scores import CLASSIFIERS, Confusion
from fedasc.experiments.record import AnyRecord, DeviceRecord
from fedasc.report.json_text import json_text
from fedasc.scenes import SCENE_NAMES, Scene

Row = Mapping[str, Any]
"""Numbers and texts by column."""

COUNT_COLUMNS = (
    *("night", "device", "profile", "classifier"),
    *(f"{true}_as_{said}" for true in SCENE_NAMES for said in SCENE_NAMES),
)
"""Of `count_rows`."""


def write_rows(path: Path, rows: Sequence[Row]) -> None:
    """Write rows, with nothing where one lacks a column or has NaN in it.

    The file appears whole or not at all.
    """
    stream_rows(path, rows, columns=list(dict.fromkeys(name for row in rows for name in row)))


def stream_rows(path: Path, rows: Iterable[Row], *, columns: Sequence[str]) -> None:
    """Write rows that aren't held, see `write_rows`.

    Args:
        columns: All that any of them has, in order.
    """
    with replaced(path) as file:
        file.write(table_text([columns]).encode())
        for row in rows:
            cells = [row.get(name, "") for name in columns]
            line = ["" if value != value else value for value in cells]
            file.write(table_text([line]).encode())


def write_json(path: Path, content: Row) -> None:
    """Write what isn't a table, for people to read, too; the file appears whole or not at all."""
    with replaced(path) as file:
        file.write(json_text(content).encode())


def gain_columns(name: str, first: Sequence[float], second: Sequence[float]) -> dict[str, float]:
    """The first less the second by repetition, in columns NAME_median and so on; see `Paired`."""
    return {f"{name}_{part}": value for part, value in asdict(paired(first, second)).items()}


def device_row(record: DeviceRecord) -> dict[str, Any]:
    """What its user hears, what was sent, if anything, and every classifier's scores."""
    return {
        "night": record.night,
        "device": record.device,
        "profile": record.profile,
        **record.surroundings,
        **score_columns(record.scores),
        "took_part": record.took_part,
        "lost": record.lost,
        "attack": record.attack,
        "bytes_up": record.bytes_up,
        "bytes_down": record.bytes_down,
        "n_windows": record.n_windows or "",
        "n_answers": record.n_answers,
        "expected_gain": "" if record.expected_gain is None else record.expected_gain,
        "pays": record.pays,
        **tally_columns(record),
        **record.facts,
    }


def count_rows(record: DeviceRecord) -> list[dict[str, Any]]:
    """Confusion matrices of a device, a row for each classifier: windows by true and said scene."""
    return [
        dict(
            zip(
                COUNT_COLUMNS,
                (record.night, record.device, record.profile, name, *score.counts.ravel().tolist()),
                strict=True,
            )
        )
        for name, score in record.scores.items()
    ]


def lost_row(record: DeviceRecord) -> dict[str, Any]:
    """Who was lost when, and why."""
    return {"night": record.night, "device": record.device, "reason": record.lost}


def mean_accuracy(records: Sequence[AnyRecord], classifier: str) -> float:
    """Over users."""
    return float(np.mean([record.accuracy[classifier] for record in records]))


def score_columns(scores: Mapping[str, Confusion]) -> dict[str, Any]:
    """Accuracy and share of each scene that was right, by classifier; empty if there is none."""
    columns: dict[str, Any] = {}
    for name in CLASSIFIERS:
        score = scores.get(name)
        columns[f"{name}_accuracy"] = score.accuracy if score else ""
        shares = scene_columns(score) if score else ((scene, "") for scene in SCENE_NAMES)
        columns |= {f"{name}_{scene}": share for scene, share in shares}
    return columns


def scene_columns(score: Confusion) -> list[tuple[str, float]]:
    """Each scene's name, and the share of it that was right."""
    return [(name, score.recall(scene)) for scene, name in zip(Scene, SCENE_NAMES, strict=True)]


def tally_columns(record: DeviceRecord) -> dict[str, Any]:
    """How many artificial samples there were; nothing where there were none."""
    names = ("n_drawn", "n_kept", "n_wanted")
    return {name: getattr(record.tally, name) if record.tally else "" for name in names}
