"""A small world of the embedded corpus, and a run in it, that the examples of the gallery share."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import fedasc
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design, run_design
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.night import run_nights
from fedasc.population.attendance import NightsSettings
from fedasc.population.profile import Profiles, find_profiles
from fedasc.report.rows import device_row
from fedasc.runs.table import Table
from fedasc.settings import Settings, settings_of
from fedasc.world import World, build_world

SETTINGS: dict[str, Any] = {
    "n_clients": 24,
    "listening": {"n_heard": 120, "n_evaluation": 120},
    "nights": {"n_nights": 4, "dropout": 0.1},
    "users": {"drift": 0.3},
    "training_sets": {
        "comprehensive": 400,
        "comprehensive_validation": 80,
        "baseline": 150,
        "baseline_validation": 40,
        "artificial": 1000,
    },
    "embedded": {"n_epochs": 20},
    "teacher": {"name": "ensemble", "n_trees": 50},
    "student": {"use": "never"},
    "aggregator": {"name": "gmm", "n_components": 8},
    "probes": [],
}
"""Far fewer windows and steps than by default."""

ONE_NIGHT: dict[str, Any] = {**SETTINGS, "nights": {}, "users": {}}

_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def small_run() -> fedasc.Run:
    """Twenty-four users on four nights, in a folder that goes away with this process."""
    folder = tempfile.TemporaryDirectory(prefix="fedasc-gallery-")
    _kept.append(folder)
    local = fedasc.Execution(engine="local")
    return fedasc.run(SETTINGS, folder=Path(folder.name) / "run", execution=local)


@cache
def small_world() -> World:
    """What there is before the first night: users, their devices, and the server."""
    return build_world(_settings(SETTINGS), [SyntheticCorpus()], _profiles())


def probed(probe: fedasc.Probe) -> Table:
    """A row per device of a first night, with what a probe found out."""
    world, settings = small_world(), _settings(SETTINGS)
    one_night = replace(world.scenario, nights=NightsSettings(n_nights=1))
    (night,) = run_nights(
        one_night,
        world.server,
        aggregator=settings.aggregator,
        release=settings.release,
        strategy=settings.strategy,
        probes=(probe,),
    )
    return Table(tuple(device_row(record) for record in records_of(one_night, night)))


def compared(*aggregators: str) -> dict[str, Sequence[DeviceRecord]]:
    """The same night with one aggregator after the other."""
    every = [_settings({**ONE_NIGHT, "aggregator": name}) for name in aggregators]
    variants = [
        Variant(label=(n,), settings=one) for n, one in zip(aggregators, every, strict=True)
    ]
    results = run_design(Design(tuple(variants), 1, _profiles(), [SyntheticCorpus()]))
    return {name: one.records for name, one in zip(aggregators, results, strict=True)}


def _settings(section: dict[str, Any]) -> Settings:
    return settings_of(section, where="docs/small_run.py", profiles=_profiles())


def _profiles() -> Profiles:
    return find_profiles("synthetic")
