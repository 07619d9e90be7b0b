"""An audit: attacks on what devices would send, in the worlds of a design."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.experiments.audit_cell import AuditCell
from fedasc.experiments.audit_games import CROWD_DAYS, Outcome
from fedasc.experiments.audit_plan import AuditPlan
from fedasc.experiments.cell import Variant
from fedasc.experiments.design import Design
from fedasc.experiments.kept_world import KeptWorld, world_inputs
from fedasc.privacy.days import day
from fedasc.privacy.density import is_known
from fedasc.processes import side_by_side
from fedasc.progress import Progress, quiet
from fedasc.settings import Settings

_N_TOGETHER = 10


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
    chunks = _crowds(games)
    side_by_side(_hear, chunks, n_workers=n_workers, phase="listening", progress=progress)
    side_by_side(_make, games, n_workers=n_workers, phase="attacking", progress=progress)
    return [Audited(cell, cell.make()) for cell in cells]


class _Chunk(NamedTuple):
    """Users of a crowd whose days are heard in one piece.

    Args:
        cell: A game that takes the crowd.
        users: Their numbers.
    """

    cell: AuditCell
    users: Sequence[int]


def _crowds(cells: Sequence[AuditCell]) -> list[_Chunk]:
    """All days that linkage takes, of each world once.

    Games against several releases take the same days, and whoever needs one that another process is
    hearing waits for it; so they are heard beforehand.
    """
    of_worlds = {cell.world.cached.key: cell for cell in cells if cell.game.name == "linkage"}
    return [
        _Chunk(cell, range(start, min(start + _N_TOGETHER, n_users)))
        for cell in of_worlds.values()
        for n_users in (cell.plan.n_needed("linkage"),)
        for start in range(0, n_users, _N_TOGETHER)
    ]


def _hear(chunk: _Chunk, progress: Progress) -> None:
    scenario, _ = chunk.cell.world.open()
    crowd = chunk.cell.crowd(scenario)
    for user in chunk.users:
        for night, other in CROWD_DAYS.values():
            day(crowd, user, night=night, other_recordings=other)


def _make(cell: AuditCell, progress: Progress) -> None:
    cell.make(progress)
