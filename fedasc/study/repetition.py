"""A repetition: one split of the corpus with its users and its server, made once and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import joblib

from fedasc.cache import CacheEntry
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.settings import Settings
from fedasc.world import World

_FILE = "world"


@dataclass(frozen=True)
class Repetition:
    """What many numbers share.

    Args:
        number: From 0.
        settings: With its own seed.
        cached: Where its world is kept; see `fedasc.shelves.REPETITION`.
    """

    number: int
    settings: Settings
    cached: CacheEntry

    @property
    def is_prepared(self) -> bool:
        return self.cached.is_made

    def prepare(self, make_world: Callable[[], World]) -> None:
        """Make and keep its world, unless it is there."""

        def make(folder: Path) -> None:
            world = make_world()
            joblib.dump((world.scenario, world.server), folder / _FILE)

        self.cached.made(make)

    def world(self) -> tuple[Scenario, Server]:
        """Its users and its server; it must be prepared."""
        return _world(self.cached.folder / _FILE)


@lru_cache(maxsize=1)
def _world(path: Path) -> tuple[Scenario, Server]:
    """A process goes on with the one it has."""
    world: tuple[Scenario, Server] = joblib.load(path)
    return world
