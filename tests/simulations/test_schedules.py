"""Default classifiers beside those of other settings: what is told of runs."""

import numpy as np
import pytest

from simulations.schedules import Accuracies, differences, told


def a_run(personal: list[float], baseline: list[float]) -> Accuracies:
    rows = {"personal": personal, "baseline": baseline, "comprehensive": [0.5, 0.5]}
    return {name: np.array(row) for name, row in rows.items()}


def test_users_are_paired_and_counted() -> None:
    now, before = a_run([0.8, 0.6], [0.7, 0.7]), a_run([0.7, 0.6], [0.75, 0.65])
    split = differences(now, before)
    assert split == pytest.approx(
        {
            **{"personal": 5, "comprehensive": 0, "baseline": 0, "worse": 50, "worse before": 100},
            "worse than shipped before": 50,
        }
    )
    assert told([split, {**split, "personal": 7, "worse": 0}]) == [
        "personal: +6.00 points (-6.71 to +18.71)",
        "comprehensive: +0.00 points (+0.00 to +0.00)",
        "baseline: +0.00 points (+0.00 to +0.00)",
        "worse off than with the baseline: 25 %, before 100 %",
        "worse off than with the baseline of before: 50 %",
    ]
