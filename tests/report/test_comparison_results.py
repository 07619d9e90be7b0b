from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_rel

from fedasc.release.release import Release
from fedasc.report.comparison_results import device_rows, night_means, standings
from tests.report.compared import FEATURES, GMM, LOCAL, NONE, grid_of, some_results


def test_means_go_over_users_and_then_over_repetitions() -> None:
    """Personalised with gmm: 75, 79 and 74 windows of 100; 5, 7 and 0 more than none at all."""
    none, local, gmm, _ = standings(grid_of(3), some_results())
    assert gmm["accuracy"] == pytest.approx(0.76)
    # deviation of 75, 79, 74 is √7; t(0.975, 2) = 4.302653
    assert (gmm["high"] - gmm["low"]) / 2 == pytest.approx(0.01 * 4.302653 * np.sqrt(7 / 3))
    assert gmm["over_baseline_mean"] == pytest.approx(0.04)
    assert gmm["over_comprehensive_mean"] == pytest.approx(0.01)
    assert none["accuracy"] == pytest.approx(0.72)
    assert local["accuracy"] == pytest.approx(0.72)
    assert gmm["teacher_accuracy"] == pytest.approx(0.87)
    assert (none["is_baseline"], gmm["is_baseline"]) == (True, False)
    assert gmm["n_repetitions"] == 3


def test_p_is_paired_by_repetition_and_corrected_for_all_entries() -> None:
    none, *others = standings(grid_of(3), some_results())
    means = {
        "local": [0.71, 0.715, 0.735],
        "gmm": [0.75, 0.79, 0.74],
        "features": [0.75, 0.79, 0.80],
    }
    expected = [ttest_rel(its, [0.7, 0.72, 0.74]).pvalue for its in means.values()]
    assert [its["p"] for its in others] == pytest.approx(expected)
    assert others[2]["p_holm"] == pytest.approx(3 * expected[2])
    assert others[1]["p_holm"] == pytest.approx(2 * expected[1])
    assert np.isnan([none["p"], none["p_holm"]]).all()


def test_who_is_made_worse_and_the_worst_tenth_are_users_of_all_repetitions() -> None:
    none, local, gmm, _ = standings(grid_of(3), some_results())
    assert none["made_worse"] == 0
    assert local["made_worse"] == pytest.approx(2 / 6)
    assert gmm["made_worse"] == pytest.approx(1 / 6)
    assert none["worse_than_comprehensive"] == 1
    assert gmm["worse_than_comprehensive"] == pytest.approx(1 / 6)
    assert local["worse_than_comprehensive"] == 1
    assert gmm["worst_tenth"] == pytest.approx(
        np.quantile([0.04, 0.06, 0.05, 0.09, 0.06, -0.06], 0.1)
    )


def test_costs_are_those_of_summarising_and_of_training_on_the_device() -> None:
    none, local, gmm, features = standings(grid_of(3), some_results())
    assert (none["bytes_up"], gmm["bytes_up"]) == (0, 1100)
    assert (none["bytes_down"], gmm["bytes_down"]) == (0, 2536)
    assert gmm["declared_bytes"] == GMM.settings.aggregator.budget(1000).n_bytes == 4 * 8 * 91
    assert gmm["memory_bytes"] == GMM.settings.aggregator.budget(1000).memory_bytes
    rounded = replace(GMM, settings=replace(GMM.settings, release=Release(bits=8)))
    grid = replace(grid_of(3), variants=(NONE, LOCAL, rounded, FEATURES))
    assert standings(grid, some_results())[2]["declared_bytes"] == 8 * 91 + 3 * 8
    training = LOCAL.settings.strategy.device_training()
    assert training
    assert local["n_macs"] == training.n_macs(1000) > 0
    assert local["memory_bytes"] == training.memory_bytes(1000)
    assert (gmm["sends_raw"], features["sends_raw"]) == (False, True)
    assert features["aggregator"] == FEATURES.label[1]


def test_the_last_night_counts_and_every_night_is_told() -> None:
    once, last = (standings(grid_of(3), some_results(n_nights=n))[2] for n in (1, 3))
    assert last["accuracy"] == once["accuracy"]
    assert last["made_worse"] == once["made_worse"]
    assert last["teacher_accuracy"] == once["teacher_accuracy"]
    curves = night_means(some_results(n_nights=3))
    assert curves[GMM.label] == pytest.approx((0.66, 0.66, 0.76))


def test_a_single_repetition_has_neither_intervals_nor_tests() -> None:
    gmm = standings(grid_of(1), some_results(n_repetitions=1))[2]
    assert gmm["accuracy"] == pytest.approx(0.75)
    assert np.isnan(
        [gmm["low"], gmm["high"], gmm["over_baseline_low"], gmm["p"], gmm["p_holm"]]
    ).all()


def test_a_row_tells_a_variant_in_texts_and_numbers() -> None:
    row = standings(grid_of(3), some_results())[2]
    assert row["strategy"] == "personalised"
    assert row["teacher_accuracy"] == pytest.approx(0.87)
    assert all(isinstance(value, str | int | float) for value in row.values())


def test_a_row_for_every_repetition_entry_night_and_device() -> None:
    rows = device_rows(some_results(n_nights=2))
    assert len(rows) == 3 * 4 * 2 * 2
    row = rows[-1]
    assert (row["seed"], row["strategy"], row["aggregator"]) == (3, "personalised", "a_&_b")
    assert (row["night"], row["device"], row["bytes_up"]) == (1, 1, 1200)
    assert row["personal_accuracy"] == row["personal_music"] == pytest.approx(0.79)


def test_what_probes_told_stands_at_the_end_of_a_row() -> None:
    result = some_results()[0]
    told = [replace(record, facts={"loudness": 3.5}) for record in result.records]
    row = device_rows([replace(result, records=told)])[0]
    assert list(row)[-1] == "loudness"
    assert row["loudness"] == 3.5
