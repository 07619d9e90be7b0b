from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.experiments.cell import Cell
from fedasc.experiments.design import run_design
from fedasc.experiments.estimate import Estimate, estimate
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.scenario import ListeningSettings
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.worlds import TINY, tiny_paper


def test_tells_repetitions_and_cells_in_units_a_person_would_use() -> None:
    minutes = Estimate(n_workers=2, n_worlds=5, world_s=20, n_cells=21, cell_s=30, n_cached=3)
    assert minutes.seconds == 3 * 20 + 11 * 30
    assert minutes.in_words() == (
        "this will take about 6 minutes with 2 worker(s): 5 repetitions to prepare, 20 seconds "
        "each, and 21 cells, 30 seconds each, as timed on this machine; 3 cells are cached"
    )
    shared = replace(minutes, n_further=10, further_s=4)
    assert shared.seconds == minutes.seconds + 5 * 4
    assert "20 seconds each, 10 further worlds of them, 4 seconds each, and 21" in shared.in_words()
    days = replace(minutes, world_s=90_000.0, teacher_s=89_000.0)
    assert "about 3 days" in days.in_words()
    assert "C2 alone takes 25 hours" in days.in_words()
    assert "Ctrl-C ends it" in days.in_words()


def test_counts_what_is_not_cached(cache: Path) -> None:
    design = tiny_paper(components=(1,))
    fresh = estimate(design, n_workers=2)
    assert (fresh.n_worlds, fresh.n_cells, fresh.n_cached) == (2, 8, 0)
    assert 0 < fresh.cell_s < 60
    assert 0 < fresh.world_s < 60
    run_design(tiny_paper(n_repetitions=1, components=(1,)))
    rest = estimate(design, n_workers=2)
    assert (rest.n_worlds, rest.n_cells, rest.n_cached) == (1, 4, 4)
    run_design(design)
    done = estimate(design, n_workers=2)
    assert done.seconds == 0
    assert done.in_words() == "nothing to compute: 8 cells are cached"


def test_worlds_that_share_a_teacher_and_cells_that_take_longer_are_told_apart(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = tiny_paper(n_repetitions=2, components=(1,), full_components=())
    assert {type(one.settings.strategy) for one in design.variants} == {
        PersonalisedStrategy,
        DistilledStrategy,
    }
    played: list[type] = []

    def play(cell: Cell, *world: object) -> object:
        played.append(type(cell.variant.settings.strategy))
        return original(cell, *world)  # type: ignore[arg-type]

    original = Cell.play
    monkeypatch.setattr(Cell, "play", play)
    further = tuple(
        replace(one, settings=replace(one.settings, listening=ListeningSettings(n_heard=20)))
        for one in design.variants
    )
    both = replace(design, variants=design.variants + further)
    seeds = [world.settings.seed for world in both.unprepared]
    assert seeds == [1, 2, 1, 2], "another process may train the next teacher meanwhile"
    told = estimate(both, n_workers=2)
    assert (told.n_worlds, told.n_further, told.n_cells) == (2, 2, 12)
    assert played == [PersonalisedStrategy, DistilledStrategy]
    assert told.further_s > 0


def test_c2_counts_with_its_epochs_and_batches_and_isnt_trained_for_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_trained = []

    def train(self: MobileNetSettings, samples: object, **others: object) -> object:
        n_trained.append(self.n_epochs)
        return original(self, samples, **others)  # type: ignore[arg-type]

    original = MobileNetSettings.train
    monkeypatch.setattr(MobileNetSettings, "train", train)
    clock = iter(range(10_000))
    monkeypatch.setattr("fedasc.experiments.estimate.monotonic", lambda: next(clock))
    c2 = MobileNetSettings(side=8, n_epochs=100_000, batch_size=4)
    design = tiny_paper(replace(TINY, teacher=c2), n_repetitions=1, components=(1,))
    told = estimate(design, n_workers=1)
    assert n_trained == [1, 1]
    # By this clock all that is timed takes a second, so that a step of C2 takes none.
    assert told.teacher_s == pytest.approx(100_000 * 40 / 64)
