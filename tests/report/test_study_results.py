import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.evaluation.scores import Confusion
from fedasc.report.study_results import compare, study_rows, system_name
from fedasc.study.point import PERSONAL_FACTS, RIVALS, USER_FACTS, Point

N_WINDOWS = 100


def a_point(
    repetition: int, user: str, system: str, right: int, aggregator: GmmAggregator | None = None
) -> Point:
    """A point that got so many of 25 windows of each scene right."""
    counts = right * np.eye(4, dtype=np.int64)
    counts[[0, 1, 2, 3], [1, 2, 3, 0]] = 25 - right
    names = PERSONAL_FACTS if aggregator else USER_FACTS
    facts = dict.fromkeys(names, 0.1 * repetition) | ({"collapsed": ""} if aggregator else {})
    return Point(
        repetition=repetition,
        seed=repetition + 1,
        user=user,
        system=system,
        aggregator=aggregator,
        score=Confusion(counts),
        facts=facts,
    )


def some_points() -> list[Point]:
    """U1 gains 2, 3 and 4 windows of each scene over the baseline, and loses 1 to comprehensive."""
    points = []
    for repetition, gain in enumerate((2, 3, 4)):
        for user in ("U1", "U3"):
            for system, right in zip(RIVALS, (15, 16 + gain, 17, 20), strict=True):
                points.append(a_point(repetition, user, system, right))
            for n, covariance in ((2, "diagonal"), (4, "full")):
                aggregator = GmmAggregator(n_components=n, covariance=covariance)  # type: ignore[arg-type]
                points.append(a_point(repetition, user, "personal", 15 + gain, aggregator))
    return points


def test_systems_have_names() -> None:
    assert system_name(None, "teacher") == "teacher"
    assert system_name(GmmAggregator(n_components=8)) == "N=8"
    assert system_name(GmmAggregator(n_components=4, covariance="full")) == "N=4 full"


def test_every_row_has_both_rivals_of_its_own_repetition_and_user() -> None:
    rows = study_rows(some_points())
    assert len({tuple(row) for row in rows}) == 1
    for row in rows:
        gain = (2, 3, 4)[row["repetition"]]
        assert row["baseline_accuracy"] == row["baseline_noise"] == 15 / 25
        assert row["comprehensive_accuracy"] == (16 + gain) / 25
        assert row["certain_error"] == pytest.approx(0.1 * row["repetition"])
    first = rows[len(RIVALS)]
    assert first["accuracy"] == first["noise"] == 17 / 25
    assert rows[0]["bytes_up"] == ""


def test_a_comparison_has_gains_over_both_rivals_with_intervals() -> None:
    comparisons = compare(study_rows(some_points()))
    assert [(c.user, c.system) for c in comparisons] == [
        (user, system) for user in ("U1", "U3") for system in (*RIVALS, "N=2", "N=4 full")
    ]
    its = comparisons[len(RIVALS)]
    assert its.n_repetitions == 3
    assert its.accuracy == pytest.approx(18 / 25)
    assert (its.baseline, its.comprehensive) == pytest.approx((15 / 25, 19 / 25))
    half = 4.302653 * (1 / 25) / np.sqrt(3)  # t(0.975, 2), standard deviation 1/25
    for gain in (its.over_baseline, its.noise_over_baseline):
        assert (gain.median, gain.mean) == pytest.approx((3 / 25, 3 / 25))
        assert (gain.low, gain.high) == pytest.approx((3 / 25 - half, 3 / 25 + half), rel=1e-5)
    for gain in (its.over_comprehensive, its.noise_over_comprehensive):
        assert (gain.low, gain.high) == pytest.approx((-1 / 25, -1 / 25))


def test_the_table_of_differences_has_a_column_for_each_number_of_each_rival() -> None:
    row = compare(study_rows(some_points()))[3].as_row()
    for rival in ("baseline", "comprehensive"):
        assert rival in row
        for number in ("median", "mean", "low", "high"):
            assert f"over_{rival}_{number}" in row
            assert f"noise_over_{rival}_{number}" in row
    assert all(isinstance(value, str | int | float) for value in row.values())
