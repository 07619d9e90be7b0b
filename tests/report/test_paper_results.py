import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Result
from fedasc.experiments.paper import DISTILLED, OF_MIXTURE, OF_NIGHT, OF_USER, name_of
from fedasc.experiments.record import DeviceRecord
from fedasc.report.paper_results import differences, point_rows
from fedasc.settings import Settings
from fedasc.strategies.round_result import Tally
from tests.report.records import a_record

USERS = ("U1", "U3")
RIVALS = ("baseline", "comprehensive", DISTILLED, "teacher")
_TALLY = Tally(n_drawn=20, kept=(2, 0, 0, 0), n_wanted=4)


def some_results(n_repetitions: int = 3) -> list[Result]:
    """Both users gain 2, 3 and 4 of 25 windows over the baseline, and lose 1 to comprehensive."""
    results = []
    for repetition, gain in enumerate((2, 3, 4)[:n_repetitions]):
        told = 0.1 * repetition
        of_night = {name: told for probe in OF_NIGHT for name in probe.columns}
        of_user = {name: told for probe in OF_USER for name in probe.columns}

        def records(right: int, gain: int = gain, **others: object) -> list[DeviceRecord]:
            levels = {"before": 15, "after": right, "comprehensive": 16 + gain, "teacher": 20}
            shares = {name: n / 25 for name, n in levels.items()}
            noise = dict(zip(("baseline", "personal", "comprehensive"), shares.values()))  # noqa: B905
            return [a_record(user, noise=noise, **shares, **others) for user in USERS]  # type: ignore[arg-type]

        for label in ("N=2", "N=4 full"):
            facts = {**of_night, "collapsed": "", "n_sent": 2}
            variant = Variant(label=(label,), settings=Settings(probes=(*OF_MIXTURE, *OF_NIGHT)))
            personal = records(15 + gain, facts=facts, tally=_TALLY, bytes_up=repetition)
            results.append(Result(repetition, repetition + 1, variant, personal))
        variant = Variant(label=(DISTILLED,), settings=Settings(probes=OF_USER))
        results.append(Result(repetition, repetition + 1, variant, records(17, facts=of_user)))
    return results


def test_systems_have_names() -> None:
    assert name_of(GmmAggregator(n_components=8)) == "N=8"
    assert name_of(GmmAggregator(n_components=4, covariance="full")) == "N=4 full"


def test_every_row_has_both_rivals_of_its_own_repetition_and_user() -> None:
    rows = point_rows(USERS, some_results())
    assert len({tuple(row) for row in rows}) == 1
    for row in rows:
        gain = (2, 3, 4)[row["repetition"]]
        assert row["baseline_accuracy"] == row["baseline_noise"] == 15 / 25
        assert row["comprehensive_accuracy"] == (16 + gain) / 25
        assert row["certain_error"] == pytest.approx(0.1 * row["repetition"])
    distilled = [row for row in rows if row["system"] == DISTILLED]
    assert [row["accuracy"] for row in distilled] == [17 / 25] * 6
    first = rows[len(RIVALS)]
    assert first["accuracy"] == first["noise"] == 17 / 25
    assert (first["bytes_up"], first["n_sent"], first["n_kept"]) == (0, 2, 2)
    assert rows[0]["bytes_up"] == ""


def test_a_system_has_gains_over_both_rivals_with_intervals() -> None:
    rows = differences(point_rows(USERS, some_results()))
    assert [(row["user"], row["system"]) for row in rows] == [
        (user, system) for user in USERS for system in (*RIVALS, "N=2", "N=4 full")
    ]
    row = rows[len(RIVALS)]
    assert row["n_repetitions"] == 3
    assert row["accuracy"] == pytest.approx(18 / 25)
    assert (row["baseline"], row["comprehensive"]) == pytest.approx((15 / 25, 19 / 25))
    half = 4.302653 * (1 / 25) / np.sqrt(3)  # t(0.975, 2), standard deviation 1/25
    for score in ("", "noise_"):
        low, mean, high = 3 / 25 - half, 3 / 25, 3 / 25 + half
        expected = {"median": mean, "mean": mean, "low": low, "high": high}
        for number, value in expected.items():
            assert row[f"{score}over_baseline_{number}"] == pytest.approx(value, rel=1e-5)
            assert row[f"{score}over_comprehensive_{number}"] == pytest.approx(-1 / 25)
    assert all(isinstance(value, str | int | float) for value in row.values())
