"""A prepared server small enough for tests."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fedasc.live.known import checksums
from fedasc.live.prepared import Prepared, write_prepared
from fedasc.seal import seal
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.worlds import TINY, tiny_world

SETTINGS = replace(TINY, strategy=PersonalisedStrategy(n_epochs=3, n_restarts=1))


def tiny_server(**settings: Any) -> Prepared:
    """That of the tiny world, which has learnt from its first forty clips.

    Args:
        settings: What is otherwise.
    """
    world = tiny_world()
    return Prepared(
        settings=replace(SETTINGS, **settings),
        server=world.server,
        corpora=("tiny",),
        known=np.unique(checksums(world.pool.clips, range(40))),
    )


def written(folder: Path, prepared: Prepared) -> Path:
    """A folder with a server in it."""
    folder.mkdir()
    write_prepared(folder, prepared)
    seal(folder)
    return folder
