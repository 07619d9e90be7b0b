"""A map of conditions whose numbers can be told by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fedasc.experiments.cell import Variant
from fedasc.experiments.conditions import Condition, WhenPlan
from fedasc.experiments.design import Result
from fedasc.experiments.record import DeviceRecord
from fedasc.experiments.when import WhenGrid
from fedasc.settings import Settings
from tests.report.records import a_record

PLAN = WhenPlan(n_repetitions=3, answers=(0, 10))
"""Of three shares that are familiar, of few sources or more, without answers or with ten."""

RIVALS = ("baseline", "comprehensive", "global")
_SETTINGS = Settings(probes=())

GAINS = ((5, 7), (6, 8), (7, 9))
"""Of 100 windows, by repetition and user: beyond the comprehensive classifier's 70, if familiar."""

LUCK = (1, -1, 0)
"""Windows by which the global classifier is better than the comprehensive one."""


def a_grid(plan: WhenPlan = PLAN) -> WhenGrid:
    return WhenGrid(
        plan=plan,
        rivals=RIVALS,
        systems={
            (condition, label): Variant(label=(label, *condition.words), settings=_SETTINGS)
            for condition in plan.conditions
            for label in ("personal", "global")
        },
    )


def some_results(grid: WhenGrid, *, n_nights: int = 1) -> list[Result]:
    """It pays where all is familiar, and where half is and users answer; two users each.

    On all nights before the last one, nobody has anything right.
    """
    return [
        Result(
            repetition=number,
            seed=number + 1,
            variant=variant,
            records=[
                _record(condition, label, number, device, night, last=night == n_nights - 1)
                for night in range(n_nights)
                for device in range(2)
            ],
        )
        for number in range(grid.plan.n_repetitions)
        for (condition, label), variant in grid.systems.items()
    ]


def pays(place: Mapping[str, Any]) -> bool:
    """As it was made."""
    return bool(place["familiarity"] == 1 or (place["familiarity"] == 0.5 and place["answers"]))


def _record(
    condition: Condition, label: str, number: int, device: int, night: int, *, last: bool
) -> DeviceRecord:
    if label == "global":
        after = 70 + LUCK[number]
    else:
        gain = GAINS[number][device]
        after = 70 + gain if pays(vars(condition)) else 70 - gain
    record = a_record(
        before=0.6,
        after=after / 100,
        comprehensive=0.7,
        teacher=0.9,
        night=night,
        device=device,
        profile=f"U{device + 1}",
    )
    if last:
        return record
    nothing = {name: replace(one, counts=one.counts * 0 + 1) for name, one in record.scores.items()}
    return replace(record, scores=nothing)
