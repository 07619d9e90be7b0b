"""What parts of the page say of numbers that can be told by hand."""

from dataclasses import replace
from typing import Any

import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.experiments.preset import Plan, read_preset
from fedasc.report.choice import choices
from fedasc.report.choice_page import choice_in_words
from fedasc.report.comparison_page import comparison_in_words, nights_in_words, profiles_in_words
from fedasc.report.comparison_results import night_means, profile_rows, standings
from fedasc.report.corpora import Gain
from fedasc.report.corpora_page import beside_in_words
from fedasc.report.paper_page import (
    Study,
    claims_in_words,
    differences_in_words,
    room_in_words,
    study_in_words,
)
from fedasc.report.paper_results import differences, point_rows
from fedasc.settings import Settings
from tests.report.compared import grid_of
from tests.report.compared import some_results as compared
from tests.report.test_choice import some_results as tried
from tests.report.test_paper_results import USERS
from tests.report.test_paper_results import some_results as studied


def cells_of(table: str, *heads: str) -> list[str]:
    """Of the line that begins with some cells."""
    begin = f"| {' | '.join(heads)} |"
    (line,) = [line for line in table.splitlines() if line.startswith(begin)]
    return line.strip("| ").split(" | ")


def a_study(name: str = "cpu", *, mean: float = 0.03, half: float = 0.01) -> Study:
    """Every gain over the baseline is the same, and over the comprehensive C1 two points less."""
    systems = ("baseline", "comprehensive", "teacher", "N=1", "N=2", "N=4", "N=16", "N=32", "N=64")
    gains: list[dict[str, Any]] = []
    for user in Plan().users:
        for system in systems:
            row: dict[str, Any] = {"user": user, "system": system, "accuracy": 0.7, "noise": 0.4}
            for prefix in ("", "noise_"):
                for rival, less in (("baseline", 0.0), ("comprehensive", 0.02)):
                    ends = {"mean": mean - less, "low": mean - less - half}
                    ends["high"] = mean - less + half
                    row |= {f"{prefix}over_{rival}_{end}": v for end, v in ends.items()}
            gains.append(row)
    return Study(name=name, settings=Settings(), plan=Plan(), gains=gains)


@pytest.mark.parametrize(
    ("mean", "verdicts"),
    [
        (0.03, ["no", "no", "no", "yes", "in the mean"]),
        (0.12, ["no", "no", "yes", "yes", "yes"]),
        (0.105, ["no", "no", "in the mean", "yes", "yes"]),
        (-0.005, ["in the mean", "in the mean", "no", "no", "no"]),
        (-0.02, ["yes", "yes", "no", "no", "no"]),
    ],
)
def test_what_the_paper_says_comes_out_where_all_intervals_say_so(
    mean: float, verdicts: list[str]
) -> None:
    lines = claims_in_words([a_study(mean=mean), a_study("method", mean=0.03)]).splitlines()
    assert lines[0] == "| statement | `cpu` | `method` |"
    told = [line.split(" | ")[1].partition("<br>")[0] for line in lines[2:7]]
    assert told == [f"**{verdict}**" for verdict in verdicts]


def test_a_study_has_all_rivals_and_gains_by_users() -> None:
    rows = differences(point_rows(USERS, studied()))
    plan = Plan(typical=("U1",), distant=("U3",))
    settings = replace(Settings(), aggregator=GmmAggregator(n_components=2))
    study = Study(name="cpu", settings=settings, plan=plan, gains=rows)
    told = study_in_words(study)
    assert told.splitlines()[2].split(" | ")[2:5] == ["comprehensive", "distilled", "personal, N=2"]
    everything, noise, curve = (part for part in told.split("\n\n") if part.startswith("|"))
    # 15, 19, 17 and 18 windows of 25, of the teacher 20 of music; t(0.975, 2) · 4 / √3 = 9.9
    gains = ["+12.0 (2.1 to 21.9)", "−4.0 (−4.0 to −4.0)"]
    for table, teacher in ((everything, "65.0"), (noise, "50.0")):
        assert cells_of(table, "U3")[1:] == ["60.0", "76.0", "68.0", "72.0", teacher, *gains]
    assert curve.splitlines()[0] == "| user | N=2 | N=4 full |"
    assert cells_of(curve, "U3")[1] == gains[0]


def test_settings_that_differ_are_those_of_the_files() -> None:
    presets = {name: read_preset(name)[0] for name in ("paper", "method", "cpu")}
    told = differences_in_words(presets)
    assert cells_of(told, "`strategy.certainty`")[1:] == ["`0.75`", "`0.75`", "`0.0`"]
    assert cells_of(told, "`teacher.name`")[1:] == ["`mobilenet`", "`committee`", "`committee`"]
    assert "listening" not in told


def test_room_is_what_the_teacher_is_ahead() -> None:
    assert cells_of(room_in_words(a_study()), "U4") == [
        *("U4", "70.0", "40.0"),
        *("+3.0", "+3.0", "+3.0"),
    ]


def test_a_comparison_has_its_costs_and_who_is_worse_off() -> None:
    told = comparison_in_words(standings(grid_of(3), compared()))
    gmm = cells_of(told, "personalised", "gmm n_components=8")
    assert gmm[2].startswith("76.0 ±")
    # 4, 6, 5, 9, 6 and −6 windows more than the baseline, which has 3 less than comprehensive
    assert gmm[5].startswith("+1.0 (")
    assert gmm[7:9] == ["17 %", "17 %"]
    assert cells_of(told, "none", "nothing")[7:9] == ["0 %", "100 %"]
    table = [line for line in told.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1, "a cell for every head"
    assert "a_&_b \\* |" in told


def test_profiles_have_their_own_gains_and_shares() -> None:
    rows = profile_rows(compared())
    (gmm,) = [row for row in rows if row["aggregator"] == "gmm n_components=8"]
    assert gmm["profile"] == "U1"
    assert gmm["over_baseline_mean"] == pytest.approx(0.04)
    assert gmm["worse_than_comprehensive"] == pytest.approx(1 / 6)
    assert gmm["worse_than_baseline"] == pytest.approx(1 / 6)
    (none,) = [row for row in rows if row["strategy"] == "none"]
    assert none["worse_than_baseline"] == 0, "who is as well off isn't worse off"
    told = profiles_in_words(rows)
    assert "a_&_b" not in told, "the first entry of each strategy"
    line = cells_of(told, "personalised, gmm n_components=8", "U1")
    assert line[2].startswith("+4.0 (")
    assert line[4:] == ["17 %", "17 %"]


def test_nights_are_told_from_the_first_to_the_last() -> None:
    told = nights_in_words(night_means(compared(n_nights=5)))
    assert told.splitlines()[0] == "| entry | night 0 | night 3 | night 4 | last − first |"
    line = cells_of(told, "personalised, gmm n_components=8")
    assert line[1:] == ["66.0", "66.0", "76.0", "+10.0"]


def test_choices_stand_with_their_correction() -> None:
    told = choice_in_words(choices([*tried("a"), *tried("b", gains=(0.02, 0.05))]))
    assert "| corrected for 2 | p |" in told.splitlines()[0]
    line = cells_of(told, "b")
    assert line[5].startswith("+1.5 (−4.9 to 7.9")
    assert line[7] == "0.500"
    assert "2 variants were tried" in told


def test_corpora_stand_side_by_side() -> None:
    rows = [{"variant": "v", "g_mean": 0.02, "g_low": 0.01, "g_high": 0.03}]
    told = beside_in_words([rows, rows], ("variant",), [Gain("g", "Gain")])
    assert cells_of(told, "v") == ["v", "+2.0 (1.0 to 3.0)", "+2.0 (1.0 to 3.0)", "more"]
