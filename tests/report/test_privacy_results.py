import pytest

from fedasc.report.comparison_results import standings
from fedasc.report.privacy_results import (
    attack_rows,
    figure_rows,
    privacy_rows,
    roc_curves,
    told_together,
)
from tests.report.audited import PLAN, audited
from tests.report.compared import grid_of, some_results


def test_a_release_has_the_mean_over_users_and_splits() -> None:
    none, gmm, features = privacy_rows(PLAN, audited())
    assert [row["aggregator"] for row in (none, gmm)] == ["nothing", "gmm n_components=8"]
    assert none["recording_auc"] == pytest.approx(0.53)
    assert gmm["recording_auc"] == pytest.approx(0.73)
    assert gmm["recording_auc_low"] < 0.73 < gmm["recording_auc_high"]
    assert features["rare_tpr"] == pytest.approx(0.44)
    assert gmm["linkage_2"] == pytest.approx(0.72)
    assert gmm["linkage_4"] == pytest.approx(0.47)
    assert gmm["epsilon"] == float("inf")
    assert gmm["n_repetitions"] == 2


def test_every_attack_has_a_row_that_says_whom_it_was_on() -> None:
    rows = attack_rows(audited())
    assert len(rows) == 3 * 2 * 2 * 2 * 2  # releases, splits, games, users, subsets
    assert {row["subset"] for row in rows} == {"all", "rare"}
    (one,) = [
        row
        for row in rows
        if (row["aggregator"], row["repetition"], row["game"], row["user"], row["subset"])
        == ("a_&_b", 1, "windows", 1, "rare")
    ]
    assert one["auc"] == pytest.approx(0.96)
    assert len(figure_rows(audited())) == 3 * 2 * 2


def test_gains_stand_beside_what_they_cost() -> None:
    rows = privacy_rows(PLAN, audited())
    places = standings(grid_of(3), some_results(), rows)
    together = told_together(places, rows)
    assert [row["aggregator"] for row in together if row["strategy"] == "personalised"] == [
        *("gmm n_components=8", "a_&_b")
    ]
    gmm = next(row for row in together if row["aggregator"].startswith("gmm"))
    assert gmm["over_baseline_mean"] == pytest.approx(0.04)
    assert gmm["recording_auc"] == pytest.approx(0.73)
    assert (gmm["n_repetitions"], gmm["n_attacked"]) == (3, 2)


def test_curves_are_means_over_users_each_of_whom_has_a_threshold() -> None:
    curves = roc_curves(audited())
    assert set(curves) == {
        (game, release)
        for game in ("recordings", "windows")
        for release in ("nothing", "gmm n_components=8", "a_&_b")
    }
    assert curves["windows", "a_&_b"][0] == pytest.approx(0.44)
    assert curves["windows", "a_&_b"][-1] == 1.0
