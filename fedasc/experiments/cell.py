"""A cell of a design: a variant in a repetition, made once and kept."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.config import fingerprint
from fedasc.errors import RunError
from fedasc.experiments.cached_aggregator import CachedAggregator
from fedasc.experiments.kept_world import KeptWorld, Only
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.night import run_nights
from fedasc.plugins import as_section
from fedasc.release.release import Release
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.settings import Settings
from fedasc.shelves import CELL
from fedasc.simulated import SimulatedDevices

_FILE = "devices.json"
_LEAST_STRICT = Release(min_windows=1)
"""What it refuses, every other one refuses too."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A way in which nights may go.

    Args:
        label: What to call it, in words for one column of a table or several.
        settings: All of them; repetition i has the seed plus i.
        profiles: Users whose devices take part; all do if None.
    """

    label: tuple[str, ...]
    settings: Settings
    profiles: Only = None

    def seeded(self, repetition: int) -> Settings:
        """Its settings in a repetition."""
        return replace(self.settings, seed=self.settings.seed + repetition)


@dataclass(frozen=True)
class Cell:
    """A variant in a repetition: all nights of all devices that take part.

    Args:
        repetition: Its number, from 0.
        variant: How nights go.
        world: In which; it must have been made before anything else is.
    """

    repetition: int
    variant: Variant
    world: KeptWorld

    @cached_property
    def cached(self) -> CacheEntry:
        """Where it is kept, by all that its numbers depend on, which labels are not."""
        settings = self.variant.settings
        plugins = settings.aggregator, settings.strategy, settings.probes
        sight = ["fedasc.probes.sight"] if settings.probes else []
        later = as_section((*plugins, settings.release, settings.attack, settings.answers))
        inputs = self.world.cached, self.variant.profiles, later
        return CELL.entry(*inputs, by=[*modules_of(plugins), *sight])

    @cached_property
    def day(self) -> str:
        """Fingerprint of what its first night's summaries depend on."""
        aggregator = as_section(self.variant.settings.aggregator)
        return fingerprint(self.world.cached.key, self.variant.profiles, aggregator)

    def make(self) -> tuple[DeviceRecord, ...]:
        """Its records, night by night; from the cache if they were made before."""
        path = self.cached.made(self._fill) / _FILE
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(DeviceRecord.of_json(record) for record in content)

    def _fill(self, folder: Path) -> None:
        records = self.play(*self.world.open(self.variant.profiles))
        content = [record.as_json() for record in records]
        (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")

    def play(self, scenario: Scenario, server: Server) -> tuple[DeviceRecord, ...]:
        """Its records in a world that is there, whoever attacks or answers in that."""
        settings = self.variant.settings
        scenario = replace(scenario, attack=settings.attack, answers=settings.answers)
        nights = run_nights(
            scenario,
            server,
            aggregator=CachedAggregator(inner=settings.aggregator),
            release=settings.release,
            strategy=settings.strategy,
            probes=settings.probes,
            quorum=0.0,
        )
        for night in nights:
            for device, reason in night.lost.items():
                if device in scenario.attackers:
                    continue
                refused = RunError(
                    f"{' '.join(self.variant.label)}: device {device} is lost ({reason}), and "
                    "others' means without it would compare other users"
                )
                if trace := getattr(reason, "trace", ""):
                    refused.add_note(trace)
                raise refused
        return tuple(record for night in nights for record in records_of(scenario, night))

    def summarise(self) -> None:
        """Make and keep the first night's summaries, for others that have the same."""
        scenario, server = self.world.open(self.variant.profiles)
        aggregator = CachedAggregator(inner=self.variant.settings.aggregator)
        devices = SimulatedDevices(
            scenario=scenario, aggregator=aggregator, release=_LEAST_STRICT, public=server.public
        )
        for device in scenario.attendance(0).sending:
            devices.summarise(device, server.baseline)
