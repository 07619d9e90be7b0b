"""An audit whose numbers can be told by hand, of the releases of `tests.report.compared`."""

from collections.abc import Sequence
from typing import cast

from fedasc.cache import CacheEntry
from fedasc.experiments.audit import Audited
from fedasc.experiments.audit_cell import AuditCell
from fedasc.experiments.audit_games import Outcome
from fedasc.experiments.audit_plan import AuditPlan, Game
from fedasc.experiments.cell import Variant
from fedasc.experiments.kept_world import KeptWorld
from fedasc.privacy.roc import FPR_GRID, Success
from fedasc.report.privacy_results import SHOWN
from tests.report.compared import FEATURES, GMM, NONE
from tests.worlds import PROFILES

PLAN = AuditPlan(n_users=2, n_linked=(2, 4))
AUCS = {NONE.label: 0.5, GMM.label: 0.7, FEATURES.label: 0.9}
"""Of recordings, by variant; user 1's are higher by 0.02, and repetition 1's by 0.04."""


def audited() -> Sequence[Audited]:
    return [
        _audited(variant, repetition, game)
        for variant in (NONE, GMM, FEATURES)
        for repetition in range(2)
        for name in ("linkage", "recordings", "windows")
        for game in PLAN.games_named(name, repetition)
    ]


def a_success(auc: float, tpr: float = 0.1) -> Success:
    """One whose ROC is flat."""
    roc = tuple(float(max(tpr, rate)) for rate in FPR_GRID)
    return Success(auc=auc, tpr_1=tpr, tpr_01=float("nan"), n_in=50, n_out=50, roc=roc)


def _audited(variant: Variant, repetition: int, game: Game) -> Audited:
    world = KeptWorld(variant.seeded(repetition), cast(CacheEntry, None), ())
    cell = AuditCell(repetition, variant, world, PROFILES, PLAN, game)
    auc = AUCS[variant.label] + 0.02 * (game.user or 0) + 0.04 * repetition
    success = a_success(auc, tpr=auc - 0.5 + 0.01)
    attacks = (
        {}
        if game.user is None
        else {SHOWN[game.name]: success, f"{SHOWN[game.name]}/rare": success}
    )
    figures = {"same recordings/2": auc, "same recordings/4": auc - 0.25} if not attacks else {}
    return Audited(cell, Outcome(attacks, figures))
