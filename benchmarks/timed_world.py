"""The world in which labelling, messages and nights are timed: users of the embedded corpus."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.sizes import Sizes
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.population.profile import find_profiles
from fedasc.progress import Progress, quiet
from fedasc.scenario import ListeningSettings
from fedasc.settings import Settings
from fedasc.world import World, build_world


def timed_settings(sizes: Sizes) -> Settings:
    """The defaults of a run, but for how long devices listen and how large training sets are."""
    return Settings(
        n_clients=max(*sizes.messages, *sizes.nights),
        listening=ListeningSettings(n_heard=sizes.n_heard, n_evaluation=sizes.n_evaluation),
        training_sets=sizes.training_sets,
    )


@cache
def _built(sizes: Sizes, progress: Progress) -> World:
    profiles = find_profiles("synthetic")
    return build_world(timed_settings(sizes), [SyntheticCorpus()], profiles, progress=progress)


def timed_world(sizes: Sizes, *, progress: Progress = quiet) -> World:
    """The world of all stages; teacher and sound are cached as those of a run are."""
    return _built(sizes, progress)


def with_devices(world: World, n_devices: int) -> World:
    """The same world with its first users only."""
    users = world.scenario.users[:n_devices]
    return replace(world, scenario=replace(world.scenario, users=users))


@contextmanager
def nothing_heard() -> Iterator[None]:
    """A cache of its own, in which no device has heard anything yet."""
    with (
        TemporaryDirectory(prefix="fedasc-") as folder,
        patch.dict("os.environ", {"FEDASC_CACHE": folder}),
    ):
        yield
