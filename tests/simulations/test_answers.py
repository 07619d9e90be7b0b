"""Curves of answers: with numbers that can be told by hand, and from the command line."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fedasc.errors import SettingsError
from fedasc.experiments.cell import Variant
from fedasc.experiments.curves import Curve, read_curves
from fedasc.experiments.design import Result
from fedasc.population.profile import find_profiles
from fedasc.report.curves import curve_rows, curves_figure, curves_in_words
from fedasc.settings import Settings
from simulations import answers
from tests.experiments.maps import WORLD
from tests.report.drawn import ends, marks_zero
from tests.report.records import a_record
from tests.simulations.test_run import PROFILES
from tests.worlds import TinyCorpus, write_recordings

WRONG = Curve(setting="answers.wrong", values=(0.0, 0.2))
CURVES = {"wrong": WRONG}


def result(value: float, repetition: int, *accuracies: tuple[float, float]) -> Result:
    """Of devices 0, 1, ... accuracies after the night, and of the comprehensive classifier."""
    records = [
        replace(a_record(device=n, after=after, comprehensive=rival), pays=n == 0, n_answers=4)
        for n, (after, rival) in enumerate(accuracies)
    ]
    variant = Variant(label=("wrong", str(value)), settings=Settings())
    return Result(repetition, repetition, variant, records)


RESULTS = [
    result(0.0, 0, (0.90, 0.80), (0.80, 0.80)),
    result(0.0, 1, (0.70, 0.60), (0.70, 0.68)),
    result(0.2, 0, (0.86, 0.80), (0.78, 0.80)),
    result(0.2, 1, (0.66, 0.60), (0.70, 0.68)),
]


def test_gain_change_and_harm_are_those_of_the_users() -> None:
    first, second = curve_rows(CURVES, RESULTS)
    assert first["gain_mean"] == pytest.approx((0.05 + 0.06) / 2)
    assert second["gain_mean"] == pytest.approx((0.02 + 0.04) / 2)
    assert first["change_mean"] == 0
    assert second["change_mean"] == pytest.approx((-0.03 - 0.02) / 2)
    assert second["change_low"] < second["change_mean"] < second["change_high"]
    assert (first["worse"], second["worse"]) == (0, 0.25)
    assert first["pays"] == 0.5
    assert (second["n_answers"], second["n_users"], second["n_repetitions"]) == (4, 4, 2)
    line = curves_in_words([first, second]).splitlines()[3]
    assert line.startswith("| wrong | 0.2 | +3.0 (")
    assert line.endswith("| 25 % | 50 % |")


def test_a_panel_shows_the_gain_and_who_is_worse_off() -> None:
    every = curves_figure(curve_rows(CURVES, RESULTS)).axes
    for axes, values in zip(every, ([5.5, 3.0], [0, -2.5], [0, 25]), strict=True):
        drawn = [np.asarray(line.get_ydata(), float).tolist() for line in axes.lines]
        assert any(line == pytest.approx(values) for line in drawn)
    for axes in every[:2]:
        assert marks_zero(axes)
        bars = np.array(ends(axes))
        assert axes.get_ylim()[0] < bars.min() < bars.max() < axes.get_ylim()[1]
    axes = every[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.0", "0.2"]


def test_what_comes_along_varies_one_setting_at_a_time() -> None:
    curves, design = read_curves("answers", find_profiles("own"), [TinyCorpus()])
    assert len(design.variants) == sum(len(curve.values) for curve in curves.values())
    by_label = {variant.label: variant.settings for variant in design.variants}
    usual = by_label["share of wrong answers", "0.0"]
    assert usual == by_label["questions asked", "10"] == by_label["share of silent users", "0.0"]
    assert by_label["share of wrong answers", "0.2"] == replace(
        usual, answers=replace(usual.answers, wrong=0.2)
    )
    assert usual.users.familiarity == 0.5
    assert usual.users.n_sources.are_set, "as the profiles say"


@pytest.mark.parametrize(
    ("setting", "values"), [("wrong", (0, 1)), ("a.b.c", (0, 1)), ("answers.wrong", (0,))]
)
def test_curves_that_are_none_are_refused(setting: str, values: tuple[float, ...]) -> None:
    with pytest.raises(SettingsError, match="curve"):
        Curve(setting=setting, values=values)


@pytest.mark.usefixtures("pixels")
def test_curves_from_the_command_line(tmp_path: Path) -> None:
    corpus = write_recordings(tmp_path, TinyCorpus(n_takes=1))
    (tmp_path / "profiles.toml").write_text(PROFILES)
    curve = '[curves.wrong]\nsetting = "answers.wrong"\nvalues = [0.0, 1.0]\n'
    asking = '[strategy]\nname = "answered"\nn_epochs = 2\n'
    (tmp_path / "plan.toml").write_text(f"n_clients = 2\n{WORLD}\n{asking}\n{curve}")
    out = tmp_path / "out"
    options = {"corpus": corpus, "plan": tmp_path / "plan.toml", "out": out}
    options |= {"profiles": tmp_path / "profiles.toml"}
    line = [str(part) for name, value in options.items() for part in (f"--{name}", value)]
    more = ["--workers", "1", "--repetitions", "1"]
    done = CliRunner().invoke(answers.app, [*line, *more])
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {
        *("answers.csv", "answers.png", "answers.pdf", "answers.svg")
    }
    with (out / "answers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == ["0.0", "1.0"]
    assert {row["n_users"] for row in rows} == {"2"}
    refused = CliRunner().invoke(answers.app, [*line[:2], "--plan", "nowhere.toml"])
    assert refused.exit_code == 2
