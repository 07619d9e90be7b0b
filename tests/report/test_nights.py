from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from fedasc.evaluation.paired import interval_of_mean
from fedasc.evaluation.scores import CLASSIFIERS
from fedasc.experiments.record import DeviceRecord
from fedasc.report.nights import night_rows, night_table, nights_figure
from tests.report.drawn import ends, marks_zero
from tests.report.records import a_lost_one, a_record


def row(
    night: int, profile: str, before: float, after: float, took_part: str = "in time"
) -> DeviceRecord:
    return a_record(profile, before=before, after=after, night=night, took_part=took_part)


NIGHTS = [
    [
        row(0, "near", 0.5, 0.6),
        row(0, "near", 0.5, 0.4, "late"),
        row(0, "far", 0.7, 0.7, "missing"),
    ],
    [
        row(1, "near", 0.6, 0.9),
        row(1, "near", 0.8, 0.9),
        row(1, "near", 0.7, 0.9, "missing"),
        a_lost_one("near", night=1),
        a_lost_one("far", night=1),
    ],
]


def rows_of_all() -> dict[tuple[int, str], dict[str, Any]]:
    return {(shown["night"], shown["profile"]): shown for shown in night_rows(NIGHTS)}


def test_every_night_has_a_row_of_each_profile_that_is_there_and_one_of_all() -> None:
    assert list(rows_of_all()) == [(0, "near"), (0, "far"), (0, "all"), (1, "near"), (1, "all")]


def test_means_are_over_those_who_are_there() -> None:
    found = rows_of_all()
    near, everyone = found[0, "near"], found[0, "all"]
    assert (near["n_users"], everyone["n_users"]) == (2, 3)
    assert near["personal_accuracy"] == pytest.approx(0.5)
    assert everyone["baseline_accuracy"] == pytest.approx((0.5 + 0.5 + 0.7) / 3)
    assert found[1, "all"]["gain"] == pytest.approx((0.3 + 0.1 + 0.2) / 3)
    assert everyone["bytes_up"] == pytest.approx(200 / 3)


def test_who_was_in_time_late_or_missing_is_counted() -> None:
    counts = {
        key: tuple(its[f"n_{word}"] for word in ("in_time", "late", "missing"))
        for key, its in rows_of_all().items()
    }
    assert counts == {
        (0, "near"): (1, 1, 0),
        (0, "far"): (0, 0, 1),
        (0, "all"): (1, 1, 1),
        (1, "near"): (2, 0, 1),
        (1, "all"): (2, 0, 1),
    }


def test_the_interval_is_that_of_the_mean_gain_from_five_users_on() -> None:
    assert np.isnan([rows_of_all()[1, "all"][name] for name in ("gain_low", "gain_high")]).all()
    gains = [0.3, 0.1, 0.2, 0.2, 0.4]
    *_, everyone = night_rows([[row(0, "near", 0.5, 0.5 + gain) for gain in gains]])
    low, high = interval_of_mean(np.array(gains))
    assert (everyone["gain_low"], everyone["gain_high"]) == pytest.approx((low, high))
    assert low < 0.24 < high


def test_only_those_who_lose_count_as_made_worse() -> None:
    found = rows_of_all()
    assert found[0, "all"]["made_worse"] == pytest.approx(1 / 3)
    assert found[1, "all"]["made_worse"] == 0


@pytest.mark.parametrize("profiles", [("near",), ("a", "b", "c", "d", "$e_")])
def test_the_picture_has_a_panel_for_each_profile_and_a_line_for_each_classifier(
    profiles: tuple[str, ...], tmp_path: Path
) -> None:
    rows = night_rows([[row(n, name, 0.5, 0.6 + n / 10) for name in profiles] for n in range(3)])
    figure = nights_figure(rows)
    figure.savefig(tmp_path / "nights.png")  # names are no formulas
    visible = [axes for axes in figure.axes if axes.get_visible()]
    shown = [axes for axes in visible if axes.get_title()]
    assert [axes.get_title() for axes in shown] == [*profiles, "all"]
    for axes in shown:
        lines = axes.get_lines()
        assert len(lines) == len(CLASSIFIERS)
        assert all(np.asarray(line.get_xdata()).tolist() == [0, 1, 2] for line in lines)
        personal = lines[CLASSIFIERS.index("personal")]
        np.testing.assert_allclose(np.asarray(personal.get_ydata()), [60, 70, 80])


def test_gains_have_their_intervals_from_five_users_on_and_zero_is_marked() -> None:
    many = [[row(n, "U1", 0.5, 0.5 + gain) for gain in (0.1, 0.2, 0.3, 0, -0.1)] for n in (0, 1)]
    rows = night_rows([[*records, row(n, "U2", 0.5, 0.6)] for n, records in enumerate(many)])
    figure = nights_figure(rows)
    gains = [axes for axes in figure.axes if axes.containers]
    low, high = interval_of_mean(np.array([10.0, 20, 30, 0, -10]))
    for axes, expected in zip(gains, ([(low, high)] * 2, []), strict=False):
        np.testing.assert_allclose(ends(axes), expected)
        assert marks_zero(axes)
    assert gains[0].get_ylim()[0] < low < high < gains[0].get_ylim()[1]


def test_the_table_has_a_line_for_each_night() -> None:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(night_table(night_rows(NIGHTS)))
    lines = [line.split() for line in capture.get().splitlines()]
    numbers = [line for line in lines if line and line[0].isdecimal()]
    assert [line[:8] for line in numbers] == [
        ["0", "3", "1", "1", "0", "56.7", "56.7", "+0.0"],
        ["1", "3", "0", "1", "2", "70.0", "90.0", "+20.0"],
    ]
