from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.corpus.pool import open_complete_pool
from fedasc.experiments import audit_games
from fedasc.experiments.audit import audit_cells, run_audit
from fedasc.experiments.audit_plan import AuditPlan, Game
from fedasc.experiments.design import Design
from fedasc.privacy.game import GameSettings
from tests.experiments.grids import tiny_comparison

GRID = """
[release]
min_windows = 1
[comparison]
n_repetitions = 2
[comparison.aggregators.features]
[comparison.aggregators.moments]
[comparison.strategies.none]
[comparison.strategies.personalised]
n_epochs = 2
"""
PLAN = AuditPlan(
    n_repetitions=1,
    n_users=1,
    n_pooled=4,
    n_matched=2,
    n_linked=(2, 5),
    games=GameSettings(n_releases=3, n_canaries=2, n_probes=2),
)


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Design:
    folder = tmp_path_factory.mktemp("audit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(folder / "cache"))
        return tiny_comparison(folder, GRID)


def told(design: Design, *, n_workers: int = 1) -> dict[tuple[str, Game], str]:
    """All that came out, by release and game."""
    open_complete_pool(design.corpora)
    audited = run_audit(design, PLAN, n_workers=n_workers)
    return {
        (one.cell.variant.label[-1], one.cell.game): repr(
            (
                {name: success.as_json() for name, success in one.outcome.attacks.items()},
                one.outcome.figures,
            )
        )
        for one in audited
    }


def test_who_sends_all_is_known_and_who_sends_nothing_is_not(design: Design) -> None:
    open_complete_pool(design.corpora)
    by_place = {
        (one.cell.variant.label[-1], one.cell.game): one.outcome for one in run_audit(design, PLAN)
    }
    assert len(by_place) == 3 * (2 + 2 * PLAN.n_users) + 2
    for user in range(PLAN.n_users):
        attacked = {
            label: by_place[label, Game("windows", user)].attacks["density"].auc
            for label in ("features", "moments", "nothing")
        }
        assert attacked["features"] > 0.99
        assert 0.3 < attacked["moments"] < attacked["features"]
        assert attacked["nothing"] == 0.5
    assert by_place["nothing", Game("linkage")].figures["same recordings/5"] == pytest.approx(1 / 5)


def test_the_same_whoever_plays_it(
    design: Design, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = told(design)
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path))
    again = replace(design)  # without the places that it has looked up
    assert told(again, n_workers=2) == first


def test_goes_on_where_it_was_interrupted(design: Design, monkeypatch: pytest.MonkeyPatch) -> None:
    first = told(design)
    cells = audit_cells(design, PLAN)
    plays = {name: lambda *_: pytest.fail("was played before") for name in audit_games._PLAYS}
    monkeypatch.setattr(audit_games, "_PLAYS", plays)
    assert told(design) == first
    assert all(cell.cached.is_made for cell in cells)


def test_a_game_depends_on_what_is_released(design: Design) -> None:
    cells = audit_cells(design, PLAN)
    features = next(cell for cell in cells if cell.variant.label[-1] == "features")
    settings = features.variant.settings
    rounded = replace(settings, release=replace(settings.release, bits=8))
    other = replace(features, variant=replace(features.variant, settings=rounded))
    assert other.cached.key != features.cached.key
    relabelled = replace(features, variant=replace(features.variant, label=("another", "label")))
    assert relabelled.cached.key == features.cached.key


def test_what_no_attack_knows_is_left_out(design: Design) -> None:
    from simulations.plugins.histograms import Histograms

    first = design.variants[0]
    unknown = replace(
        first,
        label=("none", "histograms"),
        settings=replace(first.settings, aggregator=Histograms()),
    )
    with_it = replace(design, variants=(*design.variants, unknown))
    assert {cell.variant.label[-1] for cell in audit_cells(with_it, PLAN)} == {
        "nothing",
        "features",
        "moments",
    }
