"""Results of a comparison: a row per device, and every entry over all repetitions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fedasc.aggregators.aggregator import Budget
from fedasc.comparison.grid import Entry, Grid
from fedasc.comparison.outcome import CLASSIFIERS, DeviceNight
from fedasc.comparison.run import Result
from fedasc.evaluation.paired import Paired, holm, interval_of_mean, p_value, paired
from fedasc.scenes import SCENE_NAMES, Scene


def device_rows(results: Sequence[Result]) -> list[dict[str, Any]]:
    """A row per repetition, entry, night and device; shares lie between 0 and 1."""
    return [
        {
            "repetition": result.repetition,
            "seed": result.seed,
            "strategy": result.entry.strategy_label,
            "aggregator": result.entry.aggregator_label,
            **_row(device),
        }
        for result in results
        for device in result.devices
    ]


def _row(its: DeviceNight) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: getattr(its, name)
        for name in (
            *("night", "device", "profile", "took_part"),
            *("n_windows", "bytes_up", "bytes_down"),
        )
    }
    for name in CLASSIFIERS:
        row[f"{name}_accuracy"] = its.accuracy[name]
        for scene, scene_name in zip(Scene, SCENE_NAMES, strict=True):
            row[f"{name}_{scene_name}"] = its.scores[name].recall(scene)
    return row


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An entry over all repetitions, on the last night. Shares lie between 0 and 1.

    Args:
        strategy, aggregator: Labels.
        is_baseline: Whether it is the entry that all others are tested against.
        sends_raw: Whether what was heard is sent as it is.
        n_repetitions: How many.
        accuracy: Mean over users, then over repetitions.
        low, high: 95 % interval of the mean over repetitions (Student's t).
        over_baseline: Gain over the entry that is the baseline, paired by repetition.
        over_comprehensive: Gain over the comprehensive classifier, likewise.
        p: Of the paired t test over repetitions against the baseline; NaN of itself, and with a
            single repetition.
        p_holm: The same, corrected for all entries (Holm 1979).
        made_worse: Share of users in all repetitions whose classifier does worse than the one that
            they were shipped with.
        worst_tenth: A tenth of the users gain less than that over the one that was shipped.
        bytes_up: Median over devices that sent a summary, and over nights; 0 if none did.
        bytes_down: Likewise of devices that got a classifier.
        declared_bytes: Most that a device would send, as aggregator and release stage declare.
        memory_bytes, n_macs: Most that a day takes on a device, as aggregator and device training
            declare together.
        by_night: Mean accuracy on each night.
        rivals: Mean accuracy of each of `CLASSIFIERS`.
    """

    strategy: str
    aggregator: str
    is_baseline: bool
    sends_raw: bool
    n_repetitions: int
    accuracy: float
    low: float
    high: float
    over_baseline: Paired
    over_comprehensive: Paired
    p: float
    p_holm: float
    made_worse: float
    worst_tenth: float
    bytes_up: float
    bytes_down: float
    declared_bytes: int
    memory_bytes: int
    n_macs: int
    by_night: tuple[float, ...]
    rivals: Mapping[str, float]

    def as_row(self) -> dict[str, Any]:
        """Flat, for a file."""
        row = asdict(self)
        del row["by_night"]
        for name in ("over_baseline", "over_comprehensive"):
            row |= {f"{name}_{part}": value for part, value in row.pop(name).items()}
        rivals = row.pop("rivals")
        return row | {
            f"{name}_accuracy": rivals[name] for name in CLASSIFIERS if name != "personal"
        }


def standings(grid: Grid, results: Sequence[Result]) -> list[Standing]:
    """Every entry of a grid beside its baseline, in the order of the grid."""
    of_entry: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        of_entry[result.entry.label].append(result)
    baseline = _means(of_entry[grid.baseline.label])["personal"]
    others = [its.label for its in grid.entries if its.label != grid.baseline.label]
    ps = [p_value(_means(of_entry[label])["personal"], baseline) for label in others]
    tested = dict(zip(others, zip(ps, holm(ps), strict=True), strict=True))
    unknown = (float("nan"), float("nan"))
    return [
        _standing(grid, entry, of_entry[entry.label], baseline, *tested.get(entry.label, unknown))
        for entry in grid.entries
    ]


def _standing(
    grid: Grid,
    entry: Entry,
    results: Sequence[Result],
    baseline: Sequence[float],
    p: float,
    p_holm: float,
) -> Standing:
    means = _means(results)
    low, high = interval_of_mean(np.array(means["personal"]))
    gains = [
        its.accuracy["personal"] - its.accuracy["baseline"]
        for result in results
        for its in _on_last_night(result)
    ]
    devices = [device for result in results for device in result.devices]
    budget = _budget(entry, grid.settings.listening.n_heard)
    return Standing(
        strategy=entry.strategy_label,
        aggregator=entry.aggregator_label,
        is_baseline=entry.label == grid.baseline.label,
        sends_raw=entry.aggregator.sends_raw,
        n_repetitions=len(results),
        accuracy=float(np.mean(means["personal"])),
        low=low,
        high=high,
        over_baseline=paired(means["personal"], baseline),
        over_comprehensive=paired(means["personal"], means["comprehensive"]),
        p=p,
        p_holm=p_holm,
        made_worse=float(np.mean([gain < 0 for gain in gains])),
        worst_tenth=float(np.quantile(gains, 0.1)),
        bytes_up=_median([its.bytes_up for its in devices if its.n_windows]),
        bytes_down=_median([its.bytes_down for its in devices if its.bytes_down]),
        declared_bytes=budget.n_bytes,
        memory_bytes=budget.memory_bytes,
        n_macs=budget.n_macs,
        by_night=_by_night(results),
        rivals={name: float(np.mean(values)) for name, values in means.items()},
    )


def _means(results: Sequence[Result]) -> dict[str, list[float]]:
    """By classifier: of each repetition, the mean accuracy over users on the last night."""
    return {
        name: [
            float(np.mean([its.accuracy[name] for its in _on_last_night(result)]))
            for result in results
        ]
        for name in CLASSIFIERS
    }


def _on_last_night(result: Result) -> list[DeviceNight]:
    last = result.devices[-1].night
    return [its for its in result.devices if its.night == last]


def _by_night(results: Sequence[Result]) -> tuple[float, ...]:
    found = []
    for night in sorted({its.night for its in results[0].devices}):
        means = [
            np.mean([its.accuracy["personal"] for its in result.devices if its.night == night])
            for result in results
        ]
        found.append(float(np.mean(means)))
    return tuple(found)


def _budget(entry: Entry, n_windows: int) -> Budget:
    """Of summarising and training on the device together."""
    its = entry.release.budget(entry.aggregator.budget(n_windows))
    training = entry.strategy.device_training()
    if training is None:
        return its
    return Budget(
        n_bytes=its.n_bytes,
        memory_bytes=max(its.memory_bytes, training.memory_bytes(n_windows)),  # one after the other
        n_macs=its.n_macs + training.n_macs(n_windows),
    )


def _median(values: Sequence[int]) -> float:
    return float(np.median(values)) if values else 0.0
