from collections.abc import Sequence

import numpy as np
import pytest

from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Result
from fedasc.report.choice import choices
from fedasc.settings import Settings
from tests.report.records import a_record


def some_results(variant: str, *, gains: Sequence[float] = (0.01, 0.03)) -> Sequence[Result]:
    """The comprehensive classifier has 80 and 60 % right, the personal one a gain more.

    That of U1's user; U2's gains two points beside it. The baseline has ten points less.
    """
    return [
        Result(
            repetition=number,
            seed=number,
            variant=Variant(label=(variant, "N=32"), settings=Settings(), profiles=(user,)),
            records=[
                a_record(
                    user,
                    before=level - 0.1,
                    after=level + gain + more,
                    comprehensive=level,
                    teacher=level + 0.15,
                )
            ],
        )
        for number, (level, gain) in enumerate(zip((0.8, 0.6) * 5, gains, strict=False))
        for user, more in (("U1", 0.0), ("U2", 0.02))
    ]


def test_gains_are_paired_within_repetitions() -> None:
    (row,) = choices(some_results("some"))
    assert row["variant"] == "some"
    assert row["comprehensive"] == pytest.approx(0.7)
    assert row["personal"] == pytest.approx(0.73)
    assert row["teacher"] == pytest.approx(0.85)
    assert row["over_comprehensive_mean"] == pytest.approx(0.03)
    assert row["over_baseline_mean"] == pytest.approx(0.13)
    # differences of 2 and 4 points: mean 3, deviation √2, t(0.975, 1) = 12.706
    assert row["over_comprehensive_low"] == pytest.approx(0.03 - 12.706 * 0.01, abs=1e-4)
    assert row["U1_over_comprehensive_mean"] == pytest.approx(0.02)
    assert row["U2_over_comprehensive_mean"] == pytest.approx(0.04)


def test_the_best_is_told_by_what_was_chosen_without_each_split() -> None:
    """`lucky` is best by 3 points thanks to the last of six splits, `steady` by 1.8 everywhere.

    Where the last split has no say, `steady` is chosen; else `lucky`, which then brings nothing:
    (5 · 0 + 1.8) / 6 = 0.3 points over the first.
    """
    first = np.array([0.01, 0.01, 0.01, 0.01, 0.01, 0.01])
    lucky, steady = first + 0.18 * np.eye(6)[5], first + 0.018
    rows = choices(
        [
            *some_results("first", gains=first.tolist()),
            *some_results("lucky", gains=lucky.tolist()),
            *some_results("steady", gains=steady.tolist()),
        ]
    )
    assert [row["is_best"] for row in rows] == [False, True, False]
    assert [row["n_chosen"] for row in rows] == [0, 5, 1]
    best = rows[1]
    assert (best["n_variants"], best["n_repetitions"]) == (3, 6)
    assert best["over_first_mean"] == pytest.approx(0.03)
    assert best["elsewhere_over_first"] == pytest.approx(0.003)
    assert best["elsewhere_over_comprehensive"] == pytest.approx(0.003 + 0.02)
    assert np.isnan([rows[0]["elsewhere_over_first"], rows[2]["elsewhere_over_first"]]).all()
    # of 64 flips two leave the signs of what is always the same; the p of one gain is 1
    assert rows[2]["over_first_p"] == pytest.approx(2 / 64)
    assert rows[1]["over_first_p"] == pytest.approx(1)


def test_intervals_are_wider_for_all_variants_that_were_tried(rng: np.random.Generator) -> None:
    first = rng.normal(0.02, 0.03, 10).round(3)
    others = {f"{n}": (first + rng.normal(0, 0.02, 10)).round(3).tolist() for n in range(12)}
    tried = some_results("first", gains=first.tolist())
    for name, gains in others.items():
        tried = [*tried, *some_results(name, gains=gains)]
    rows = choices(tried)
    assert "over_first_p" not in rows[0]
    for row in rows[1:]:
        width, corrected = (
            row[f"over_first{name}_high"] - row[f"over_first{name}_low"]
            for name in ("", "_corrected")
        )
        assert 1.1 * width < corrected < 2.2 * width
        middle = (row["over_first_corrected_high"] + row["over_first_corrected_low"]) / 2
        assert middle == pytest.approx(row["over_first_mean"])


def test_other_classifiers_may_choose() -> None:
    """Where another comprehensive classifier is tried, say, whatever the personal one does."""
    rows = choices([*some_results("a"), *some_results("b", gains=(0.2, 0.2))], by="comprehensive")
    assert {row["judged_by"] for row in rows} == {"comprehensive"}
    assert [row["over_first_mean"] for row in rows] == [0, 0]
    assert rows[0]["is_best"], "of equals the first"


def test_a_single_split_has_no_intervals_and_chooses_nothing() -> None:
    rows = choices([*some_results("a", gains=[0.1]), *some_results("b", gains=[0.2])])
    assert rows[1]["is_best"]
    assert np.isnan([rows[1]["over_first_p"], rows[1]["elsewhere_over_first"]]).all()
