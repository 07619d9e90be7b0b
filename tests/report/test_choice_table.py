import io

from rich.console import Console

from fedasc.evaluation.paired import Paired
from fedasc.report.choice_table import choice_rows, choice_table
from fedasc.study.variants import Choice


def a_choice(name: str) -> Choice:
    gain = Paired(0.01, 0.012, -0.0304, 0.0561)
    return Choice(
        variant=name,
        accuracy={"baseline": 0.7, "comprehensive": 0.8, "personal": 0.812, "teacher": 0.9},
        over_baseline=Paired(0.1, 0.112, 0.05, 0.15),
        over_comprehensive=gain,
        by_user={"U1": gain, "U2": gain},
    )


def test_both_rivals_and_the_interval_stand_in_80_columns() -> None:
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(choice_table([a_choice("four times as many, weight 2"), a_choice("[odd]")]))
    text = console.export_text()
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= 80
    for name in ("four times as many, weight 2", "[odd]"):
        (line,) = [line for line in lines if line.strip().startswith(name)]
        numbers = ["70.0", "80.0", "81.2", "+11.2", "+1.2", "[-3.0,", "+5.6]"]
        assert line.split()[-7:] == numbers


def test_a_row_has_every_number_of_every_user() -> None:
    (row,) = choice_rows([a_choice("plain")])
    assert row["variant"] == "plain"
    assert row["comprehensive"] == 0.8
    assert row["over_comprehensive_low"] == row["U2_over_comprehensive_low"] == -0.0304
    assert row["over_baseline_mean"] == 0.112
