"""A world that many cells share: a split of the corpus with its users and its server, kept."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib

from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.corpus.pool import pool_entry
from fedasc.corpus.recordings import Corpus
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.settings import Settings
from fedasc.shelves import WORLD
from fedasc.simulated import hear
from fedasc.world import build_world

_FILE = "world"
_LATER = ("aggregator", "strategy", "probes", "release", "attack")
"""Sections of settings that say nothing of the world before the first night."""


Only = tuple[str, ...] | None
"""Profiles whose users take part; all do if None."""


@dataclass(frozen=True)
class KeptWorld:
    """A world by what it depends on, whether it was made or not.

    Args:
        settings: Its own seed among them; how devices summarise and what becomes of it is of no
            account.
        cached: Where it is kept.
    """

    settings: Settings
    cached: CacheEntry

    @classmethod
    def of(cls, settings: Settings, inputs: Any) -> "KeptWorld":
        """A world of settings and of `world_inputs`."""
        section = {k: v for k, v in as_section(settings).items() if k not in _LATER}
        by = modules_of(settings.teacher)
        return cls(settings, WORLD.entry(section, inputs, by=by))

    def make(
        self,
        corpora: Sequence[Corpus],
        profiles: Profiles,
        *,
        only: Collection[Only],
        progress: Progress = quiet,
    ) -> None:
        """Make and keep it, with what its devices hear, unless it is there.

        Args:
            only: Who will take part in one cell or another.
        """

        def fill(folder: Path) -> None:
            world = build_world(self.settings, corpora, profiles, progress=progress)
            listen_to_all(world.scenario, only, progress=progress)
            joblib.dump((world.scenario, world.server), folder / _FILE)

        self.cached.made(fill)

    def open(self, only: Only = None) -> tuple[Scenario, Server]:
        """Its users, of whom only some take part, and its server; it must have been made."""
        scenario, server = _opened(self.cached.folder / _FILE)
        return among(scenario, only), server


def world_inputs(corpora: Sequence[Corpus], profiles: Profiles) -> Any:
    """What a world depends on besides settings and code."""
    people = {"baseline": profiles.baseline, "users": dict(profiles.users)}
    return [pool_entry(corpus) for corpus in corpora], people


def among(scenario: Scenario, only: Only) -> Scenario:
    """The scenario in which only some take part."""
    if only is None:
        return scenario
    devices = tuple(user.index for user in scenario.users if user.profile in only)
    return replace(scenario, only=devices)


def listen_to_all(
    scenario: Scenario, only: Collection[Only], *, progress: Progress = quiet
) -> None:
    """Hear all that devices hear which take part in one cell or another."""
    heard = sorted(
        {
            (night, device)
            for some in only
            for night in range(scenario.nights.n_nights)
            for device in among(scenario, some).attendance(night).members
        }
    )
    for n_done, (night, device) in enumerate(heard, 1):
        hear(scenario, device, Purpose.HEARD, night=night)
        hear(scenario, device, Purpose.EVALUATION, night=night)
        progress("listening", n_done, len(heard))


@lru_cache(maxsize=1)
def _opened(path: Path) -> tuple[Scenario, Server]:
    """A process goes on with the one it has."""
    world: tuple[Scenario, Server] = joblib.load(path)
    return world
