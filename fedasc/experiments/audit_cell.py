"""A cell of an audit: a game against a release in a world, played once and kept."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from pathlib import Path
from typing import Any

from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.experiments.audit_games import Outcome, Trial
from fedasc.experiments.audit_plan import AuditPlan, Game
from fedasc.experiments.cell import Variant
from fedasc.experiments.kept_world import KeptWorld
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.population.users import draw_users
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.roc import Success
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.shelves import AUDIT

_FILE = "audit.json"


@dataclass(frozen=True)
class AuditCell:
    """A game against a release in a repetition, played once and kept.

    Args:
        repetition: Its number, from 0.
        variant: How devices summarise, and what of it they release.
        world: In which; it must have been made before.
        profiles: More users are drawn from, where a game needs them.
        plan: How games go.
        game: Which.
    """

    repetition: int
    variant: Variant
    world: KeptWorld
    profiles: Profiles
    plan: AuditPlan
    game: Game

    @cached_property
    def cached(self) -> CacheEntry:
        """Where it is kept, by all that its numbers depend on."""
        settings = self.variant.settings
        tried: tuple[Any, ...] = (settings.aggregator, settings.release)
        if self.game.name == "classifiers":
            tried = (*tried, settings.strategy)
        return AUDIT.entry(
            *(self.world.cached, self.plan.inputs(self.game.name), self.game),
            as_section(tried),
            by=modules_of(tried),
        )

    def make(self, progress: Progress = quiet) -> Outcome:
        """What it came to; from the cache if it was played before."""

        def fill(folder: Path) -> None:
            outcome = self._play(progress)
            content = {
                "attacks": {name: one.as_json() for name, one in outcome.attacks.items()},
                "figures": {k: None if v != v else v for k, v in outcome.figures.items()},
            }
            (folder / _FILE).write_text(json.dumps(content), encoding="utf-8")

        content = json.loads((self.cached.made(fill) / _FILE).read_text(encoding="utf-8"))
        return Outcome(
            {name: Success.of_json(one) for name, one in content["attacks"].items()},
            {name: nan if one is None else one for name, one in content["figures"].items()},
        )

    def _play(self, progress: Progress) -> Outcome:
        scenario, server = self.world.open()
        settings = self.variant.settings
        mechanism = Mechanism(
            aggregator=settings.aggregator,
            release=settings.release,
            classifier=server.baseline,
            public=server.public,
        )
        return Trial(
            game=self.game,
            plan=self.plan,
            scenario=self.crowd(scenario),
            server=server,
            mechanism=mechanism,
            strategy=settings.strategy,
            progress=progress,
        ).play()

    def crowd(self, scenario: Scenario) -> Scenario:
        """The scenario with as many users as the game needs, the first of whom are the same."""
        users = draw_users(
            self.profiles,
            max(self.plan.n_needed(self.game.name), len(scenario.users)),
            library=scenario.library,
            settings=self.world.settings.users,
            streams=scenario.streams,
        )
        return replace(scenario, users=users)
