import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Result
from fedasc.report.choice import choice_table, choices
from fedasc.settings import Settings
from tests.report.records import a_record


def some_results(variant: str) -> Sequence[Result]:
    """The comprehensive classifier has 80 and 60 % right, the personal one 2 and 4 more."""
    return [
        Result(
            repetition=number,
            seed=number,
            variant=Variant(label=(variant, "N=32"), settings=Settings(), profiles=(user,)),
            records=[
                a_record(
                    user,
                    before=level - 0.1,
                    after=level + 0.01 + 0.02 * number + more,
                    comprehensive=level,
                    teacher=level + 0.15,
                )
            ],
        )
        for number, level in enumerate((0.8, 0.6))
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


def test_both_rivals_and_the_interval_stand_in_80_columns() -> None:
    names = ("four times as many, weight 2", "[odd]")
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(choice_table(choices([*some_results(names[0]), *some_results(names[1])])))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    assert max(map(len, lines)) <= 80
    for name in names:
        (line,) = [line for line in lines if line.strip().startswith(name)]
        numbers = ["60.0", "70.0", "73.0", "+13.0", "+3.0", "[-9.7,", "+15.7]"]
        assert line.split()[-7:] == numbers
