"""A world that many cells share: a split of the corpus with its users and its server, kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.corpus.pool import open_complete_pool, pool_entry
from fedasc.corpus.recordings import Corpus
from fedasc.experiments.world_files import read_world, write_world
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

_LATER = ("aggregator", "strategy", "probes", "release", "attack", "answers")
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
        pools: Where its corpora are.
    """

    settings: Settings
    cached: CacheEntry
    pools: tuple[CacheEntry, ...]

    @classmethod
    def of(cls, settings: Settings, inputs: "WorldInputs") -> "KeptWorld":
        """A world of settings and of `world_inputs`."""
        section = {k: v for k, v in as_section(settings).items() if k not in _LATER}
        by = modules_of(settings.teacher)
        return cls(settings, WORLD.entry(section, inputs, by=by), inputs[0])

    @property
    def is_made(self) -> bool:
        """Whether it is there and whole, and so is what its devices listen to."""
        return self.cached.is_made and all(pool.is_made for pool in self.pools)

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
            write_world(folder, world.scenario, world.server)

        open_complete_pool(corpora, progress=progress)  # it may be gone though the world is there
        self.cached.made(fill)

    def open(self, only: Only = None) -> tuple[Scenario, Server]:
        """Its users, of whom only some take part, and its server; it must have been made.

        Raises:
            CacheError: If it isn't whole any more.
        """
        scenario, server = _opened(self.cached.opened(), self.settings)
        return among(scenario, only), server


WorldInputs = tuple[tuple[CacheEntry, ...], Mapping[str, Any]]


def world_inputs(corpora: Sequence[Corpus], profiles: Profiles) -> WorldInputs:
    """What a world depends on besides settings and code: its pools, and its people."""
    people = {"baseline": profiles.baseline, "users": dict(profiles.users)}
    return tuple(pool_entry(corpus) for corpus in corpora), people


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
def _opened(folder: Path, settings: Settings) -> tuple[Scenario, Server]:
    """A process goes on with the one it has."""
    return read_world(folder, settings)
