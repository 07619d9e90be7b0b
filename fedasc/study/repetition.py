"""A repetition: one split of the corpus with its users and its server, made once and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import joblib

from fedasc.cache import cache_root, cached
from fedasc.scenario import Scenario
from fedasc.server import Server
from fedasc.settings import Settings
from fedasc.world import World

_SHELF = "repetition"


@dataclass(frozen=True)
class Repetition:
    """What many numbers share.

    Args:
        number: From 0.
        settings: With its own seed.
        key: Fingerprint of all that its world depends on.
    """

    number: int
    settings: Settings
    key: str

    @property
    def is_prepared(self) -> bool:
        return (cache_root() / _SHELF / self.key).is_dir()

    def prepare(self, make_world: Callable[[], World]) -> None:
        """Make and keep its world, unless it is there."""

        def make(folder: Path) -> None:
            world = make_world()
            joblib.dump((world.scenario, world.server), folder / "world")

        cached(_SHELF, self.key, make)

    def world(self) -> tuple[Scenario, Server]:
        """Its users and its server; it must be prepared."""
        return _world(cache_root() / _SHELF / self.key / "world")


@lru_cache(maxsize=1)
def _world(path: Path) -> tuple[Scenario, Server]:
    """A process goes on with the one it has."""
    world: tuple[Scenario, Server] = joblib.load(path)
    return world
