"""An audit: attacks on what devices would send, in the worlds of a design."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, nan
from pathlib import Path
from typing import Any

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.cache import CacheEntry
from fedasc.code import modules_of
from fedasc.experiments.audit_games import Outcome, Trial
from fedasc.experiments.audit_plan import AuditPlan, Game
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design
from fedasc.experiments.kept_world import KeptWorld, world_inputs
from fedasc.plugins import as_section
from fedasc.population.profile import Profiles
from fedasc.population.users import draw_users
from fedasc.privacy.density import is_known
from fedasc.privacy.mechanism import Mechanism
from fedasc.privacy.roc import Success
from fedasc.processes import side_by_side
from fedasc.progress import Progress, quiet
from fedasc.scenario import Scenario
from fedasc.settings import Settings
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
            scenario=self._crowd(scenario),
            server=server,
            mechanism=mechanism,
            strategy=settings.strategy,
            progress=progress,
        ).play()

    def _crowd(self, scenario: Scenario) -> Scenario:
        """The scenario with as many users as the game needs, the first of whom are the same."""
        users = draw_users(
            self.profiles,
            max(self.plan.n_needed(self.game.name), len(scenario.users)),
            library=scenario.library,
            settings=self.world.settings.users,
            streams=scenario.streams,
        )
        return replace(scenario, users=users)


@dataclass(frozen=True, eq=False)
class Audited:
    """A game and what it came to.

    Args:
        cell: Which.
        outcome: How it went.
    """

    cell: AuditCell
    outcome: Outcome


def audit_cells(design: Design, plan: AuditPlan) -> tuple[AuditCell, ...]:
    """All games of an audit, those that take long first.

    Args:
        design: Whose variants and worlds; of those with the same aggregator, the first. What no
            attack knows is left out.
    """
    inputs = world_inputs(design.corpora, design.profiles)
    senders: dict[str, Variant] = {}
    for variant in design.variants:
        if is_known(variant.settings.aggregator.kind):
            senders.setdefault(variant.label[-1], variant)
    return tuple(
        AuditCell(number, variant, world, design.profiles, plan, game)
        for name in plan.names
        for number in range(min(plan.n_repetitions, design.n_repetitions))
        for variant in senders.values()
        for world in (KeptWorld.of(variant.seeded(number), inputs),)
        for game in plan.games_named(name, number)
        if _fits(name, variant.settings)
    )


def _fits(name: str, settings: Settings) -> bool:
    """Whether a game can be played.

    On classifiers it can if they are made of what can be sampled; on claims if there are any.
    """
    aggregator = settings.aggregator
    if name == "classifiers":
        made_of_it = aggregator.kind in settings.strategy.accepts
        return made_of_it and issubclass(aggregator.kind, Mixture | SceneMixture | Features)
    if name == "claims":
        return aggregator.epsilon is not None and aggregator.epsilon < inf
    return True


def run_audit(
    design: Design, plan: AuditPlan, *, n_workers: int = 1, progress: Progress = quiet
) -> list[Audited]:
    """Play all games; what was played before comes from the cache.

    Raises:
        FedascError: If settings, corpus and profiles don't go together.
    """
    cells = audit_cells(design, plan)
    missing = {cell.cached.key: cell for cell in cells if not cell.cached.is_made}
    for world in {cell.world.cached.key: cell.world for cell in missing.values()}.values():
        design.prepare(world, progress)
    games = list(missing.values())
    side_by_side(_make, games, n_workers=n_workers, phase="attacking", progress=progress)
    return [Audited(cell, cell.make()) for cell in cells]


def _make(cell: AuditCell, progress: Progress) -> None:
    cell.make(progress)
