"""Results of a study as rows per point and as differences within repetitions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.evaluation.paired import Paired, paired
from fedasc.scenes import SCENE_NAMES, Scene
from fedasc.study.point import PERSONAL_FACTS, USER_FACTS, Point

RIVALS = ("baseline", "comprehensive")
"""What every system is compared to."""

StudyRow = Mapping[str, Any]
"""One system on one user in one repetition."""


def system_name(aggregator: GmmAggregator | None, system: str = "personal") -> str:
    """A system's name in tables, such as N=16 or N=4 full."""
    if aggregator is None:
        return system
    full = " full" if aggregator.covariance == "full" else ""
    return f"N={aggregator.n_components}{full}"


def study_rows(points: Sequence[Point]) -> tuple[dict[str, Any], ...]:
    """A row per point, with what the rivals reached beside it; shares lie between 0 and 1."""
    rivals = {(p.repetition, p.user, p.system): p.score for p in points if not p.aggregator}
    users = {(p.repetition, p.user): p.facts for p in points if not p.aggregator}
    rows = []
    for point in points:
        row: dict[str, Any] = {
            "repetition": point.repetition,
            "seed": point.seed,
            "user": point.user,
            "system": system_name(point.aggregator, point.system),
            "accuracy": point.score.accuracy,
        }
        for scene, name in zip(Scene, SCENE_NAMES, strict=True):
            row[name] = point.score.recall(scene)
        for rival in RIVALS:
            score = rivals[point.repetition, point.user, rival]
            row[f"{rival}_accuracy"] = score.accuracy
            row[f"{rival}_noise"] = score.recall(Scene.NOISE)
        row |= {name: point.facts.get(name, "") for name in PERSONAL_FACTS}
        row |= {name: users[point.repetition, point.user].get(name, "") for name in USER_FACTS}
        rows.append(row)
    return tuple(rows)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A system on a user over all repetitions. Accuracies are shares, gains differences of shares.

    Args:
        user: Her profile.
        system: Its name.
        n_repetitions: How many.
        accuracy: Median.
        noise: Median share of noise windows that were right.
        baseline, comprehensive: Median accuracy of the rivals.
        baseline_noise, comprehensive_noise: Likewise of the class noise.
        over_baseline, over_comprehensive: Gains in accuracy.
        noise_over_baseline, noise_over_comprehensive: Gains in the class noise alone.
    """

    user: str
    system: str
    n_repetitions: int
    accuracy: float
    noise: float
    baseline: float
    comprehensive: float
    baseline_noise: float
    comprehensive_noise: float
    over_baseline: Paired
    over_comprehensive: Paired
    noise_over_baseline: Paired
    noise_over_comprehensive: Paired

    def as_row(self) -> dict[str, Any]:
        """Flat, for a table."""
        row: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if isinstance(value, dict):
                row |= {f"{name}_{part}": number for part, number in value.items()}
            else:
                row[name] = value
        return row


def compare(rows: Sequence[StudyRow]) -> tuple[Comparison, ...]:
    """Every system on every user beside both rivals, in order of appearance."""
    places = dict.fromkeys((row["user"], row["system"]) for row in rows)
    return tuple(
        _compared([row for row in rows if (row["user"], row["system"]) == place])
        for place in places
    )


def _compared(rows: Sequence[StudyRow]) -> Comparison:
    def over(rival: str, score: str) -> Paired:
        other = f"{rival}_{score}"
        return paired([row[score] for row in rows], [row[other] for row in rows])

    return Comparison(
        user=rows[0]["user"],
        system=rows[0]["system"],
        n_repetitions=len(rows),
        accuracy=median_of(rows, "accuracy"),
        noise=median_of(rows, "noise"),
        baseline=median_of(rows, "baseline_accuracy"),
        comprehensive=median_of(rows, "comprehensive_accuracy"),
        baseline_noise=median_of(rows, "baseline_noise"),
        comprehensive_noise=median_of(rows, "comprehensive_noise"),
        over_baseline=over("baseline", "accuracy"),
        over_comprehensive=over("comprehensive", "accuracy"),
        noise_over_baseline=over("baseline", "noise"),
        noise_over_comprehensive=over("comprehensive", "noise"),
    )


def median_of(rows: Sequence[StudyRow], column: str) -> float:
    """Median over repetitions; NaN where a row has no number."""
    return float(np.median([float("nan") if row[column] == "" else row[column] for row in rows]))
