import io

import pytest
from rich.console import Console

from fedasc.report.choice import choices
from fedasc.report.choice_table import choice_table
from tests.report.test_choice import some_results

NAMES = ("four times as many, weight 2", "[odd]")


@pytest.fixture
def lines() -> list[str]:
    tried = [*some_results(NAMES[0]), *some_results(NAMES[1], gains=(0.02, 0.05))]
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(choice_table(choices(tried)))
    return [line.strip() for line in console.export_text().splitlines()]


def test_both_rivals_and_the_interval_stand_in_80_columns(lines: list[str]) -> None:
    assert max(map(len, lines)) <= 80
    first, second = (next(line for line in lines if line.startswith(f"{name}  ")) for name in NAMES)
    assert first.split()[-7:] == ["60.0", "70.0", "73.0", "+13.0", "+3.0", "[-9.7,", "+15.7]"]
    assert second.split()[1:5] == ["60.0", "70.0", "74.5", "+14.5"]


def test_the_number_of_variants_and_their_correction_stand_beside_the_best(
    lines: list[str],
) -> None:
    (gain,) = [line for line in lines if line.startswith("[odd]") and line.endswith("0.500")]
    assert gain.split()[1:4] == ["+1.5", "[-4.9,", "+7.9]"]
    told = " ".join(lines)
    assert "2 variants were tried" in told
    assert "Best is '[odd]', by +1.5; where all splits but one choose" in told
    assert "tells the gain, it is +1.5, over comp. +4.5 in place of +4.5" in told
    assert "Chosen so, times of 2: [odd] 2." in told
