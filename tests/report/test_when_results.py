from dataclasses import replace

import numpy as np
import pytest

from fedasc.evaluation.paired import paired
from fedasc.report.when_results import condition_rows, user_rows
from tests.report.mapped import PLAN, RIVALS, a_grid, pays, some_results


def test_users_stand_beside_every_rival_on_the_last_night() -> None:
    grid = a_grid()
    rows = user_rows(grid, some_results(grid, n_nights=2))
    assert len(rows) == 12 * 3 * 2
    (row,) = (
        row
        for row in rows
        if (row["familiarity"], row["sources"], row["answers"]) == (1.0, 15, 10)
        and (row["repetition"], row["device"]) == (1, 1)
    )
    told = {name: row[name] for name in ("personal", *RIVALS, "teacher")}
    assert told == pytest.approx(
        {"personal": 0.78, "baseline": 0.6, "comprehensive": 0.7, "global": 0.69, "teacher": 0.9}
    )
    assert (row["profile"], row["seed"], row["evenness"], row["heard"]) == ("U2", 2, 2.0, 1000)


def test_who_attacks_does_not_count() -> None:
    grid = a_grid()
    results = [
        replace(one, records=[replace(one.records[0], attack="far"), *one.records[1:]])
        for one in some_results(grid)
    ]
    assert {row["device"] for row in user_rows(grid, results)} == {1}


def test_gains_are_meant_over_users_then_told_over_repetitions() -> None:
    grid = a_grid()
    rows = condition_rows(RIVALS, user_rows(grid, some_results(grid)))
    assert [tuple(row[axis] for axis in ("familiarity", "sources", "answers")) for row in rows] == [
        (one.familiarity, one.sources, one.answers) for one in PLAN.conditions
    ]
    assert [row["pays"] for row in rows] == [pays(row) for row in rows]
    last = rows[-1]
    comprehensive = paired([0.76, 0.77, 0.78], [0.7] * 3)
    lucky = paired([0.76, 0.77, 0.78], [0.71, 0.69, 0.7])
    assert last["best_rival"] == "comprehensive"
    assert last["over_best_mean"] == pytest.approx(0.07)
    assert last["over_best_high"] == pytest.approx(comprehensive.high)
    assert last["over_best_low"] == pytest.approx(min(comprehensive.low, lucky.low))
    assert lucky.low < comprehensive.low
    assert last["over_global_low"] == pytest.approx(lucky.low)
    assert last["over_baseline_mean"] == pytest.approx(0.17)
    assert last["personal_accuracy"] == pytest.approx(0.77)


def test_harm_is_the_share_of_users_whom_the_comprehensive_classifier_would_serve_better() -> None:
    grid = a_grid()
    users = user_rows(grid, some_results(grid))
    assert [row["worse"] for row in condition_rows(RIVALS, users)] == [
        0.0 if pays(row) else 1.0 for row in condition_rows(RIVALS, users)
    ]
    one = [
        row | {"personal": 0.7 - 0.1 * (row["device"] == 0 and row["repetition"] == 2)}
        for row in users
    ]
    (first, *_) = condition_rows(RIVALS, one)
    assert first["worse"] == pytest.approx(1 / 6), "who is as well off isn't worse off"
    assert np.isfinite([first["worse_low"], first["worse_high"]]).all()
