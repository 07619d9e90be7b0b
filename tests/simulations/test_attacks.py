"""The table of attacks: in a tiny world, and with numbers that can be told by hand."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fedasc.attacks.attack import Attack
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Result
from fedasc.experiments.grid import read_grid
from fedasc.settings import Settings
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.retraining import Retraining
from simulations import attacks
from simulations.attacks import attacked, losses, markdown
from tests.report.records import a_record
from tests.simulations.test_compare import GRID, STRATEGIES
from tests.worlds import PROFILES, TinyCorpus


def result(label: str, attack: Attack, repetition: int, *accuracies: float) -> Result:
    """Of devices 0, 1, ... of which the first attacks, if any does."""
    variant = Variant(label=(label, "gmm"), settings=Settings())
    records = [
        replace(a_record(device=n, after=share), attack="" if n or attack.name == "none" else "far")
        for n, share in enumerate(accuracies)
    ]
    return Result(repetition, repetition, attacked(variant, attack), records)


FAR = Attack(name="far", share=0.25)
RESULTS = [
    result("global", Attack(), 0, 0.9, 0.80, 0.70),
    result("global", Attack(), 1, 0.1, 0.60, 0.60),
    result("global, undefended", Attack(), 0, 0.9, 0.81, 0.70),
    result("global, undefended", Attack(), 1, 0.1, 0.62, 0.60),
    result("global", FAR, 0, 0.0, 0.79, 0.70),
    result("global", FAR, 1, 0.0, 0.61, 0.62),
]


def test_losses_are_those_of_the_others_against_the_same_night_without_attack() -> None:
    none, far = losses(RESULTS)
    assert (far["attack"], far["share"], far["n_repetitions"]) == ("far", 0.25, 2)
    assert far["mean"] == pytest.approx((0.005 - 0.015) / 2)
    assert far["worst"] == pytest.approx(0.005)
    assert far["low"] < far["mean"] < far["high"]
    assert none["strategy"] == far["strategy"] == "global"
    assert none["mean"] == pytest.approx((0.01 + 0.02) / 3 / 2)


def test_a_line_for_each_attack() -> None:
    lines = markdown(losses(RESULTS)).splitlines()
    assert lines[0] == "| attack | attackers | global |"
    assert lines[2].startswith("| far | 25 % | −0.5 (")
    assert lines[3].startswith("| none (cost of the defence) |  | +0.5 (")
    assert len(lines) == 4


def test_it_is_made_of_a_grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "corpora_of", lambda _: [TinyCorpus()])
    monkeypatch.setattr(attacks, "profiles_of", lambda *_: PROFILES)
    grid, out = tmp_path / "grid.toml", tmp_path / "losses.csv"
    start, _, _ = GRID.partition('[comparison.aggregators."8 bit"]')
    grid.write_text(start.replace("[1, 3]", "3") + STRATEGIES)
    line = ("--workers", 1, "--repetitions", 1, "--attackers", 1, "--grid", grid, "--out", out)
    made = CliRunner().invoke(attacks.app, [str(part) for part in line])
    assert made.exit_code == 0, made.output
    names = ["far", "flip", "scale", "sybil"]
    assert [line.split(" | ")[0] for line in made.stdout.splitlines()[2:]] == [
        f"| {name}" for name in names
    ]
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["attack"] for row in rows] == 2 * names
    assert {row["low"] for row in rows} == {""}, "a single repetition has no interval"
    assert {row["mean"] for row in rows if row["strategy"] == "none"} == {"0.0"}


def test_what_comes_along_has_every_strategy_that_listens_to_others_and_its_undefended_twin() -> (
    None
):
    strategies = {v.label[0]: v.settings.strategy for v in read_grid("attacks").variants}
    for name in ("global", "clustered", "fedavg"):
        defended, undefended = strategies[name], strategies[f"{name}, undefended"]
        assert isinstance(defended, Retraining | FedAvgStrategy)
        assert replace(defended, robust="none") == undefended != defended
    assert "personalised" in strategies
