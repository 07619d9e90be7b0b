import io
from typing import Any

import pytest
from rich.console import Console

from fedasc.report.corpora import Gain, beside, beside_table

NAN = float("nan")
GAINS = (Gain("over_a", "Gain over A"), Gain("over_b", "Gain over B", "over_b_corrected"))
KEYS = ("strategy", "aggregator")


def a_row(name: str, mean: float, half: float, *, corrected: float = 0.5) -> dict[str, Any]:
    return {
        "strategy": name,
        "aggregator": "gmm",
        "over_a_mean": mean,
        "over_a_low": mean - half,
        "over_a_high": mean + half,
        "over_b_mean": -mean,
        "over_b_low": -mean - half,
        "over_b_high": -mean + half,
        "over_b_corrected_low": -mean - corrected,
        "over_b_corrected_high": -mean + corrected,
    }


ONE = [a_row("both", 0.03, 0.01), a_row("here", 0.02, 0.01), a_row("harm", -0.02, 0.01)]
OTHER = [a_row("here", 0.02, 0.03), a_row("both", 0.01, 0.005), a_row("harm", -0.09, 0.01)]


def test_a_finding_holds_where_the_intervals_of_all_corpora_lie_on_one_side() -> None:
    rows = beside([ONE, OTHER], KEYS, GAINS)
    over_a = {row["strategy"]: row for row in rows if row["gain"] == "over_a"}
    assert list(over_a) == ["both", "here", "harm"]
    assert {name: row["on_all"] for name, row in over_a.items()} == {
        "both": "more",
        "here": "",
        "harm": "less",
    }
    assert (over_a["here"]["A_low"], over_a["here"]["B_low"]) == pytest.approx((0.01, -0.01))
    assert (over_a["both"]["A_mean"], over_a["both"]["B_mean"]) == (0.03, 0.01)


def test_intervals_that_are_corrected_decide_if_there_are_any() -> None:
    """Without the correction `both` would be less than B on both corpora."""
    rows = beside([ONE, OTHER], KEYS, GAINS)
    assert {row["on_all"] for row in rows if row["gain"] == "over_b"} == {""}
    tight = [[a_row("both", 0.03, 0.01, corrected=0.02)] for _ in range(2)]
    assert [row["on_all"] for row in beside(tight, KEYS, GAINS)] == ["more", "less"]


def test_what_has_no_interval_holds_nowhere() -> None:
    single = {"strategy": "both", "aggregator": "gmm", "over_a_mean": 0.1}
    single |= {"over_a_low": NAN, "over_a_high": NAN}
    (row, _) = beside([ONE, [single]], KEYS, GAINS)
    assert row["on_all"] == ""


def test_a_column_for_each_corpus_in_80_columns() -> None:
    console = Console(width=80, file=io.StringIO(), record=True)
    names = ["one.csv", "other.csv"]
    console.print(beside_table(beside([ONE, OTHER], KEYS, GAINS), KEYS, GAINS, names))
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert max(map(len, lines)) <= 80
    (both, _) = [line.split() for line in lines if line.startswith("both, gmm")]
    assert both == ["both,", "gmm", "+3.0", "[+2.0,", "+4.0]", "+1.0", "[+0.5,", "+1.5]", "more"]
    assert lines[-2:] == ["A: one.csv", "B: other.csv"]
