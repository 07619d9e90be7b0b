"""A comparison: its repetitions, its cells, and where each of them is kept."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.comparison.grid import Entry, Grid
from fedasc.comparison.outcome import DeviceNight, devices_of
from fedasc.comparison.shared import SharedAggregator
from fedasc.config import fingerprint
from fedasc.corpus.pool import pool_entry
from fedasc.corpus.recordings import Corpus
from fedasc.night import run_nights
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.seeds import Purpose
from fedasc.shelves import COMPARISON_CELL, REPETITION
from fedasc.simulated import SimulatedDevices, hear
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.study.repetition import Repetition
from fedasc.world import World, build_world

_LEAST_STRICT = Release(min_windows=1)
"""What it refuses, every other one refuses too."""


@dataclass(frozen=True)
class Cell:
    """An entry in a repetition: all users, all nights.

    Args:
        repetition: Whose world it is.
        entry: What the devices and the server do.
    """

    repetition: Repetition
    entry: Entry

    @cached_property
    def cached(self) -> CacheEntry:
        """Where it is kept, by all that its numbers depend on, which labels are not."""
        plugins = self.entry.aggregator, self.entry.strategy
        inputs = self.repetition.cached, as_section(plugins), as_section(self.entry.release)
        return COMPARISON_CELL.entry(*inputs, by=modules_of(plugins))

    @property
    def is_made(self) -> bool:
        return self.cached.is_made

    def make(self) -> tuple[DeviceNight, ...]:
        """Its devices, from the cache if they were made before; see `Repetition.world`."""
        path = self.cached.made(self._fill) / "devices.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(DeviceNight.of_json(its) for its in content)

    def _fill(self, folder: Path) -> None:
        scenario, server = self.repetition.world()
        nights = run_nights(
            scenario,
            server,
            aggregator=SharedAggregator(inner=self.entry.aggregator),
            release=self.entry.release,
            strategy=self.entry.strategy,
        )
        content = [its.as_json() for its in devices_of(scenario, nights)]
        (folder / "devices.json").write_text(json.dumps(content), encoding="utf-8")


@dataclass(frozen=True)
class Day:
    """What several cells share: the first night's summaries by one aggregator.

    Args:
        repetition: Whose world it is.
        aggregator: How devices summarise.
    """

    repetition: Repetition
    aggregator: Aggregator

    def make(self) -> None:
        """Make and keep them, unless they are there; see `Repetition.world`."""
        scenario, server = self.repetition.world()
        devices = SimulatedDevices(
            scenario=scenario,
            aggregator=SharedAggregator(inner=self.aggregator),
            release=_LEAST_STRICT,
        )
        for device in scenario.attendance(0).sending:
            devices.summarise(device, server.baseline)


@dataclass(frozen=True)
class Comparison:
    """What is to be found out.

    Args:
        grid: What is compared.
        profiles: Who the users are.
        corpora: Where recordings come from.
    """

    grid: Grid
    profiles: Profiles
    corpora: Sequence[Corpus]

    @cached_property
    def repetitions(self) -> tuple[Repetition, ...]:
        pools = [pool_entry(corpus) for corpus in self.corpora]
        teacher = modules_of(self.grid.settings.teacher)
        people = {"baseline": self.profiles.baseline, "users": dict(self.profiles.users)}
        same = replace(
            self.grid.settings,
            aggregator=GmmAggregator(),
            release=Release(),
            strategy=PersonalisedStrategy(),
        )
        found = []
        for number in range(self.grid.n_repetitions):
            its = replace(same, seed=same.seed + number)
            cached = REPETITION.entry(as_section(its), pools, people, by=teacher)
            found.append(Repetition(number, its, cached))
        return tuple(found)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """What is to be made, repetition by repetition."""
        return tuple(
            Cell(repetition, entry)
            for repetition in self.repetitions
            for entry in self.grid.entries
        )

    @property
    def missing(self) -> tuple[Cell, ...]:
        """The cells that aren't kept yet; of those that differ in their labels alone, one."""
        found = {cell.cached.key: cell for cell in self.cells if not cell.is_made}
        return tuple(found.values())

    @property
    def unprepared(self) -> tuple[Repetition, ...]:
        """The repetitions of missing cells whose world isn't kept yet."""
        wanted = dict.fromkeys(cell.repetition.number for cell in self.missing)
        return tuple(
            self.repetitions[number]
            for number in wanted
            if not self.repetitions[number].is_prepared
        )

    @property
    def days(self) -> tuple[Day, ...]:
        """What several of the missing cells share."""
        found: dict[str, Day] = {}
        counts: Counter[str] = Counter()
        for cell in self.missing:
            key = fingerprint(cell.repetition.cached.key, as_section(cell.entry.aggregator))
            found[key] = Day(cell.repetition, cell.entry.aggregator)
            counts[key] += 1
        return tuple(day for key, day in found.items() if counts[key] > 1)

    def prepare(self, repetition: Repetition, progress: Progress = quiet) -> None:
        """Make and keep what a repetition's cells share, unless it is there."""

        def make_world() -> World:
            world = build_world(repetition.settings, self.corpora, self.profiles, progress=progress)
            scenario, n_nights = world.scenario, world.scenario.nights.n_nights
            heard = [
                (night, device)
                for night in range(n_nights)
                for device in scenario.attendance(night).members
            ]
            for n_done, (night, device) in enumerate(heard, 1):
                hear(scenario, device, Purpose.HEARD, night=night)
                hear(scenario, device, Purpose.EVALUATION, night=night)
                progress("listening", n_done, len(heard))
            return world

        repetition.prepare(make_world)


def as_settings(comparison: Comparison) -> dict[str, Any]:
    """Every setting, defaults included."""
    grid = comparison.grid
    settings = as_section(grid.settings)
    del settings["aggregator"], settings["strategy"]
    return {
        "comparison": {
            "n_repetitions": grid.n_repetitions,
            "baseline": grid.baseline.strategy_label,
            "entries": [as_section(entry) for entry in grid.entries],
        },
        **settings,
    }
