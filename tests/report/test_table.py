import io
import json
from collections.abc import Sequence

import pytest
from rich.console import Console

from fedasc.experiments.record import DeviceRecord
from fedasc.report.json_text import json_text
from fedasc.report.overview import overview
from fedasc.report.table import result_table
from tests.report.records import a_lost_one, a_record

LONG = "someone who works in a carpenter's workshop [and sings in a choir]"


def printed(nights: Sequence[Sequence[DeviceRecord]], width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(result_table(overview(nights), {"listening": 1.0}))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", [30, 80])
def test_results_fit_whatever_profiles_are_called(width: int) -> None:
    noise = {"baseline": 0.25, "personal": 1.0}
    nights = [
        [
            a_record(LONG, before=0.875, after=1.0, night=night, noise=noise, bytes_up=11_648),
            *(a_record(f"{LONG} {n}", before=1.0, after=0.0, night=night) for n in range(5)),
            a_lost_one(night=night),
        ]
        for night in range(12)
    ]
    lines = printed(nights, width)
    assert max(map(len, lines)) <= width
    letters = "".join("".join(lines).split())
    assert "…" not in letters
    assert "nan" not in letters
    for number in ("-100.0", "100.0", "+75.0", "[andsings"):
        assert number in letters


@pytest.mark.parametrize("n_users", [1, 2, 4, 5])
def test_an_interval_is_that_of_five_users_or_more(n_users: int) -> None:
    noise = {"baseline": 0.25, "personal": 1.0}
    nights = [[a_record(after=0.5 + n / 50, noise=noise) for n in range(n_users)] for _ in "12"]
    told = " ".join(printed(nights))
    assert (" to +" in told) is (n_users == 5)
    assert "nan" not in told
    (*_, everyone) = overview(nights).profiles
    low = json.loads(json_text(everyone.as_dict()))["gain"]["low"]
    assert (low is None) is (n_users < 5)
