"""A study: its repetitions, its points, and where each of them is kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.corpus.pool import pool_entry
from fedasc.corpus.recordings import Corpus
from fedasc.errors import SettingsError
from fedasc.evaluation.scores import Confusion
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.progress import Progress, quiet
from fedasc.release.release import Release
from fedasc.seeds import Purpose
from fedasc.settings import Settings
from fedasc.shelves import POINT, REPETITION
from fedasc.simulated import hear
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.retraining import Retraining
from fedasc.study.point import Content, Point, personal_of, rivals_of
from fedasc.study.preset import Plan
from fedasc.study.repetition import Repetition
from fedasc.world import World, build_world


@dataclass(frozen=True)
class Study:
    """What is to be found out.

    Args:
        settings: Of every repetition, but for the seed and the number of users.
        plan: Which points there are.
        profiles: One user is drawn from each.
        corpora: Where recordings come from.

    Raises:
        SettingsError: If the plan names users that the profiles lack.
    """

    settings: Settings
    plan: Plan
    profiles: Profiles
    corpora: Sequence[Corpus]

    def __post_init__(self) -> None:
        used = self.settings.aggregator, self.settings.strategy
        if not (isinstance(used[0], GmmAggregator) and isinstance(used[1], Retraining)):
            raise SettingsError(
                f"study: the figures need aggregator 'gmm' and a strategy that samples mixtures, "
                f"got {used[0].name!r} and {used[1].name!r}; see simulations/compare.py for others"
            )
        for name in self.plan.users:
            if name not in self.profiles.users:
                raise SettingsError(
                    f"study: {self.profiles.where} has no user {name!r}, it has "
                    f"{', '.join(self.profiles.users)}; say which ones are typical and which are "
                    "distant in the section [study] of a preset of your own"
                )

    @property
    def gmm(self) -> GmmAggregator:
        """How days are summarised, but for N."""
        assert isinstance(self.settings.aggregator, GmmAggregator)
        return self.settings.aggregator

    @cached_property
    def cells(self) -> tuple["Cell", ...]:
        """What is to be made, repetition by repetition and user by user."""
        return tuple(
            Cell(repetition, user, aggregator, self.plan.why)
            for repetition in self.repetitions
            for user in self.plan.users
            for aggregator in (None, *self._aggregators(user))
        )

    @property
    def missing(self) -> tuple["Cell", ...]:
        """The cells that aren't kept yet."""
        return tuple(cell for cell in self.cells if not cell.is_made)

    @property
    def unprepared(self) -> tuple[Repetition, ...]:
        """The repetitions of missing cells whose world isn't kept yet."""
        wanted = {cell.repetition.number for cell in self.missing}
        return tuple(
            its for its in self.repetitions if its.number in wanted and not its.is_prepared
        )

    @cached_property
    def repetitions(self) -> tuple[Repetition, ...]:
        names = list(self.profiles.users)
        pools = [pool_entry(corpus) for corpus in self.corpora]
        teacher = modules_of(self.settings.teacher)
        people = {"baseline": self.profiles.baseline, "users": dict(self.profiles.users)}
        found = []
        for number in range(self.plan.n_repetitions):
            its = replace(self.settings, seed=self.settings.seed + number, n_clients=len(names))
            shared = replace(
                its,
                aggregator=GmmAggregator(),
                release=Release(),
                strategy=PersonalisedStrategy(),
                probes=(),
            )
            cached = REPETITION.entry(as_section(shared), pools, people, by=teacher)
            found.append(Repetition(number, its, cached))
        return tuple(found)

    def _aggregators(self, user: str) -> tuple[GmmAggregator, ...]:
        gmm, plan = self.gmm, self.plan
        if user in plan.typical:
            return (gmm,)
        return (
            *(replace(gmm, n_components=n, covariance="diagonal") for n in plan.components),
            *(replace(gmm, n_components=n, covariance="full") for n in plan.full_components),
        )

    def prepare(self, repetition: Repetition, progress: Progress = quiet) -> None:
        """Make and keep what a repetition's points share, unless it is there."""
        repetition.prepare(partial(self.make_world, repetition.settings, progress=progress))

    def make_world(self, settings: Settings, *, progress: Progress = quiet) -> World:
        """A world in which the users of the plan have heard what they hear."""
        world = build_world(settings, self.corpora, self.profiles, progress=progress)
        for index, profile in enumerate(self.profiles.users):
            if profile in self.plan.users:
                hear(world.scenario, index, Purpose.HEARD)
                hear(world.scenario, index, Purpose.EVALUATION)
        return world


@dataclass(frozen=True)
class Cell:
    """What is made in one go: a user's rivals, or one of her personal classifiers.

    Args:
        repetition: Whose world she lives in.
        user: Her profile.
        aggregator: How her day is summarised; None for the rivals.
        why: Whether to find out how it came about.
    """

    repetition: Repetition
    user: str
    aggregator: GmmAggregator | None
    why: bool

    @cached_property
    def cached(self) -> CacheEntry:
        """Where its points are kept."""
        depends = self.aggregator or self.why  # rivals of which nobody asks why don't
        used = self.aggregator, self.repetition.settings.strategy if depends else None
        release = self.aggregator and as_section(self.repetition.settings.release)
        inputs = self.repetition.cached, self.user, as_section(used), release, self.why
        return POINT.entry(*inputs, by=modules_of(used))

    @property
    def is_made(self) -> bool:
        return self.cached.is_made

    def make(self) -> tuple[Point, ...]:
        """Its points, from the cache if they were made before. The repetition must be prepared."""
        path = self.cached.made(self._fill) / "point.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Point(
                repetition=self.repetition.number,
                seed=self.repetition.settings.seed,
                user=self.user,
                system=system,
                aggregator=self.aggregator,
                score=Confusion(np.array(content["counts"][system])),
                facts=content["facts"],
            )
            for system in content["counts"]
        )

    def _fill(self, folder: Path) -> None:
        scenario, server = self.repetition.world()
        index = [user.profile for user in scenario.users].index(self.user)
        settings = self.repetition.settings
        strategy = settings.strategy
        content: Content
        if self.aggregator is None:
            content = rivals_of(scenario, server, index, strategy=strategy, why=self.why)
        else:
            content = personal_of(
                scenario,
                server,
                index,
                aggregator=self.aggregator,
                release=settings.release,
                strategy=strategy,
                why=self.why,
            )
        (folder / "point.json").write_text(json.dumps(content), encoding="utf-8")


def as_settings(study: Study) -> dict[str, Any]:
    """Every setting, defaults included."""
    return {"study": as_section(study.plan), **as_section(study.settings)}
