"""Results of a comparison: a row per device, and every entry over all repetitions."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from math import nan
from typing import Any

import numpy as np

from fedasc.evaluation.paired import holm, interval_of_mean, p_value
from fedasc.evaluation.scores import CLASSIFIERS, RIVALS
from fedasc.experiments.design import Result
from fedasc.experiments.grid import Grid
from fedasc.experiments.record import DeviceRecord, honest
from fedasc.report.corpora import Gain
from fedasc.report.rows import Row, gain_columns, mean_accuracy, score_columns
from fedasc.settings import Settings

ENTRY = ("strategy", "aggregator")
"""Columns that name a variant."""
COMPARED = (
    Gain("over_comprehensive", "Gain over the comprehensive C1"),
    Gain("over_baseline", "Gain over the baseline of the grid"),
)
"""What is put side by side of several corpora."""
_TOLD = (
    *("night", "device", "profile", "took_part", "attack"),
    *("n_windows", "n_answers", "bytes_up", "bytes_down"),
)


def device_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row per repetition, variant, night and device; shares lie between 0 and 1."""
    return [
        {
            "repetition": result.repetition,
            "seed": result.seed,
            "strategy": result.variant.label[0],
            "aggregator": result.variant.label[1],
            **{name: getattr(record, name) for name in _TOLD},
            **score_columns(record.scores),
            **record.facts,
        }
        for result in results
        for record in result.records
    ]


def standings(
    grid: Grid, results: Sequence[Result], privacy: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """A row for each variant of a grid over all repetitions, on the last night.

    It tells the mean accuracy over users, then over repetitions, with the 95 % interval of the
    latter (Student's t), and the same of the three classifiers that it is compared with; p of the
    paired t test against the baseline over repetitions, of no test NaN, and p_holm, corrected for
    all variants (Holm 1979); the share of users in all repetitions that it has made worse than
    they were shipped, made_worse, and of those who would be better off with the comprehensive
    classifier, worse_than_comprehensive; a gain over what they were shipped that a tenth of them
    lies below, worst_tenth; bytes, medians over
    devices and nights of those that sent or got some; and the most that a day takes on a device,
    as aggregator, release stage and device training declare together. Users whose devices attack
    don't count; n_attackers says how many there are in a repetition.

    over_control is the gain over what the server makes of its own recordings with nothing sent
    (strategy distilled), and beside it stands what a release gives away: recording_auc, linkage and
    epsilon; NaN where nothing was found out.

    Args:
        privacy: What an audit found of each aggregator (`fedasc.report.privacy_results`).
    """
    by_label: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for result in results:
        by_label[result.variant.label].append(result)
    means = {label: _means(some) for label, some in by_label.items()}
    baseline = means[grid.baseline.label]["personal"]
    control = means[grid.control.label]["personal"] if grid.control else None
    given_away = {row["aggregator"]: row for row in privacy}
    others = [variant.label for variant in grid.variants if variant.label != grid.baseline.label]
    ps = [p_value(means[label]["personal"], baseline) for label in others]
    tested = dict(zip(others, zip(ps, holm(ps), strict=True), strict=True))
    rows = []
    for variant in grid.variants:
        label = variant.label
        here, (p, p_holm) = means[label], tested.get(label, (float("nan"), float("nan")))
        low, high = interval_of_mean(np.array(here["personal"]))
        rows.append(
            {
                "strategy": label[0],
                "aggregator": label[1],
                "is_baseline": variant == grid.baseline,
                "sends_raw": variant.settings.aggregator.sends_raw,
                "n_repetitions": len(by_label[label]),
                "attack": variant.settings.attack.name,
                "n_attackers": _n_attackers(by_label[label][0]),
                "accuracy": float(np.mean(here["personal"])),
                "low": low,
                "high": high,
                "p": p,
                "p_holm": p_holm,
                **_of_devices(by_label[label]),
                **_declared(variant.settings),
                **gain_columns("over_baseline", here["personal"], baseline),
                **gain_columns("over_comprehensive", here["personal"], here["comprehensive"]),
                **gain_columns("over_control", here["personal"], control or [nan] * len(baseline)),
                **_given_away(grid, given_away.get(label[1], {})),
                **{f"{name}_accuracy": float(np.mean(here[name])) for name in (*RIVALS, "teacher")},
            }
        )
    return rows


def _given_away(grid: Grid, row: Row) -> dict[str, float]:
    linkage = f"linkage_{max(grid.audit.n_linked)}"
    return {
        "epsilon": row.get("epsilon", nan),
        "recording_auc": row.get("recording_auc", nan),
        "linkage": row.get(linkage, nan),
        "n_linked": max(grid.audit.n_linked),
    }


def night_means(results: Sequence[Result]) -> dict[tuple[str, ...], tuple[float, ...]]:
    """By label of a variant: mean accuracy over users, then over repetitions, on each night."""
    of_nights: dict[tuple[str, ...], dict[int, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for result in results:
        for night, records in groupby(result.records, key=lambda record: record.night):
            accuracy = mean_accuracy(honest(list(records)), "personal")
            of_nights[result.variant.label][night].append(accuracy)
    return {
        label: tuple(float(np.mean(means)) for means in nights.values())
        for label, nights in of_nights.items()
    }


def _n_attackers(result: Result) -> int:
    return len({record.device for record in result.records if record.attack})


def _of_devices(results: Sequence[Result]) -> dict[str, float]:
    last = [record for result in results for record in _on_last_night(result)]
    gains = [record.gain for record in last]
    records = [record for result in results for record in honest(result.records)]
    return {
        "made_worse": float(np.mean([gain < 0 for gain in gains])),
        "worse_than_comprehensive": _worse(last),
        "worst_tenth": float(np.quantile(gains, 0.1)),
        "bytes_up": _median([record.bytes_up for record in records if record.n_windows]),
        "bytes_down": _median([record.bytes_down for record in records if record.bytes_down]),
    }


def profile_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row for each variant and profile: gains over both rivals, and who is worse off than with.

    Of each repetition, gains are means over the users of the profile on the last night; the shares
    are of users of all repetitions.
    """
    by_place: dict[tuple[tuple[str, ...], str], list[list[DeviceRecord]]] = defaultdict(list)
    for result in results:
        last = _on_last_night(result)
        for profile in dict.fromkeys(record.profile for record in last):
            some = [record for record in last if record.profile == profile]
            by_place[result.variant.label, profile].append(some)
    rows = []
    for (label, profile), repetitions in by_place.items():
        row: dict[str, Any] = {"strategy": label[0], "aggregator": label[1], "profile": profile}
        for rival in RIVALS:
            here, there = (
                [mean_accuracy(records, name) for records in repetitions]
                for name in ("personal", rival)
            )
            row |= gain_columns(f"over_{rival}", here, there)
            everyone = [record for records in repetitions for record in records]
            row[f"worse_than_{rival}"] = _worse(everyone, rival)
        rows.append(row)
    return rows


def _worse(records: Sequence[DeviceRecord], rival: str = "comprehensive") -> float:
    """Share of users for whom a rival is right more often than their own classifier."""
    accuracies = [record.accuracy for record in records]
    return float(np.mean([one["personal"] < one[rival] for one in accuracies]))


def _declared(settings: Settings) -> dict[str, int]:
    n_windows = settings.listening.n_heard
    budget = settings.release.budget(settings.aggregator.budget(n_windows))
    training = settings.strategy.device_training()
    memory_bytes, n_macs = (
        (training.memory_bytes(n_windows), training.n_macs(n_windows)) if training else (0, 0)
    )
    return {
        "declared_bytes": budget.n_bytes,
        "memory_bytes": max(budget.memory_bytes, memory_bytes),  # one after the other
        "n_macs": budget.n_macs + n_macs,
    }


def _means(results: Sequence[Result]) -> dict[str, list[float]]:
    """By classifier: of each repetition, the mean accuracy over users on the last night."""
    last = [_on_last_night(result) for result in results]
    return {name: [mean_accuracy(records, name) for records in last] for name in CLASSIFIERS}


def _on_last_night(result: Result) -> list[DeviceRecord]:
    last = result.records[-1].night
    return [record for record in honest(result.records) if record.night == last]


def _median(values: Sequence[int]) -> float:
    return float(np.median(values)) if values else 0.0
