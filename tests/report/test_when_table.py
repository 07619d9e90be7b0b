import io
from dataclasses import replace

from rich.console import Console

from fedasc.experiments.conditions import WhenPlan
from fedasc.report.when_results import condition_rows, user_rows
from fedasc.report.when_table import when_table
from tests.report.mapped import PLAN, RIVALS, a_grid, some_results


def printed(plan: WhenPlan, rival: str = "all + shares") -> list[str]:
    grid = a_grid(plan)
    rows = condition_rows(RIVALS, user_rows(grid, some_results(grid)))
    named = [row | {"best_rival": rival} for row in rows]
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(when_table(plan, named))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_every_condition_has_a_line_and_says_where_it_pays() -> None:
    lines = printed(PLAN)
    told = [line.split() for line in lines if "all + shares" in line]
    assert len(told) == 12
    assert told[-1][:5] == ["1", "15", "10", "77.0", "+7.0"]
    assert told[-1][-2:] == ["0", "yes"]
    assert told[0][:5] == ["0", "3", "0", "63.0", "-7.0"]
    assert told[0][-1] == "100"
    assert "evenness of scenes: 2" in " ".join(" ".join(lines).split()).lower()


def test_the_largest_map_fits_in_80_columns() -> None:
    plan = replace(PLAN, evenness=(1e6, 0.5), heard=(100, 5000), users=(4, 20))
    lines = printed(plan, rival="comprehensive + shares")
    assert max(map(len, lines)) <= 80
    assert "…" not in "\n".join(lines)
    assert sum("1e+06" in line for line in lines) == 3 * 2 * 2 * 4


def test_one_repetition_has_no_interval_and_a_map_may_be_a_cell() -> None:
    lines = printed(
        replace(PLAN, n_repetitions=1, familiarity=(0.0,), sources=("all",), answers=(0,))
    )
    assert "nan" not in "\n".join(lines)
    (line,) = (line for line in lines if "all + shares" in line)
    assert "–" in line
    assert not line.endswith("yes")
