import io
from collections.abc import Sequence

from rich.console import Console

from fedasc.report.comparison_results import standings
from fedasc.report.comparison_table import comparison_table
from fedasc.report.rows import Row
from tests.report.compared import grid_of, some_results


def printed(some: Sequence[Row], n_nights: int = 1) -> list[str]:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(comparison_table(some, n_nights=n_nights))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_every_entry_stands_below_its_strategy_in_100_columns() -> None:
    lines = printed(standings(grid_of(3), some_results()))
    assert max(map(len, lines)) <= 100
    names = [line.strip().split("  ")[0] for line in lines if line]
    assert [name for name in names if name in ("none", "local", "personalised")] == [
        "none", "local", "personalised",
    ]  # fmt: skip
    (gmm,) = [line for line in lines if "gmm" in line]
    accuracy, half, gain, over, half_of_it, p, worse, than_rival, *_ = gmm.split()[2:]
    assert (accuracy, half, gain) == ("76.0", "±6.6", "+4.0")
    assert (over, half_of_it, p, worse, than_rival) == ("+1.0", "±9.0", ".389", "17", "17")
    assert "a_&_b *" in "\n".join(lines)
    told = " ".join(" ".join(lines).split())
    assert "*: sends what was heard" in told
    assert (
        "(75.0), which needs no device's help. The baseline C1 has 72.0, the teacher 87.0" in told
    )
    assert "Holm" in told


def test_nothing_is_cut_and_markup_is_only_text() -> None:
    some = standings(grid_of(1), some_results(n_repetitions=1))
    odd = some[2] | {"strategy": "[bold]", "aggregator": "gmm rounded bits=16 n_components=1234"}
    lines = printed([some[0], odd])
    assert "[bold]" in "\n".join(lines)
    letters = "".join("".join(line[:30].split()) for line in lines)
    assert "gmmroundedbits=16" in letters
    assert "…" not in "\n".join(lines)
    assert "nan" not in "\n".join(lines)
    assert "*:" not in "\n".join(lines), "neither sends what was heard"


def test_says_which_night_it_is_about() -> None:
    once, last = (
        "\n".join(printed(standings(grid_of(3), some_results(n_nights=n)), n)) for n in (1, 2)
    )
    assert "users on the last night in %" in last
    assert "night" not in once
