import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.corpus.pool import open_complete_pool
from fedasc.errors import SettingsError
from fedasc.models.training import train
from fedasc.night import run_night
from fedasc.release.release import Release
from fedasc.report.study_results import study_rows
from fedasc.seeds import Purpose
from fedasc.settings import Settings
from fedasc.simulated import hear
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.retraining import Retraining
from fedasc.study.point import Point
from fedasc.study.run import run_study
from fedasc.world import build_world
from tests.worlds import AGGREGATOR, N_EVALUATION, N_HEARD, TinyCorpus, tiny_study


def content(points: Sequence[Point]) -> str:
    return json.dumps(study_rows(points))


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Point]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("study")))
        return run_study(tiny_study())


def test_every_repetition_has_the_rivals_and_the_users_own_systems(
    points: Sequence[Point],
) -> None:
    found = [(row["repetition"], row["user"], row["system"]) for row in study_rows(points)]
    rivals = ["baseline", "comprehensive", "distilled", "teacher"]
    assert found == [
        (repetition, user, system)
        for repetition in range(2)
        for user, own in (("home", ["N=3"]), ("town", ["N=1", "N=3", "N=1 full"]))
        for system in (*rivals, *own)
    ]
    assert all(point.score.counts.sum() == N_EVALUATION for point in points)


def test_repetitions_are_other_splits(points: Sequence[Point]) -> None:
    assert [point.seed for point in points] == [1] * 12 + [2] * 12
    first, second = ([p.facts for p in points if p.repetition == n] for n in (0, 1))
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_a_point_is_what_a_night_with_its_mixture_gives(points: Sequence[Point]) -> None:
    study = tiny_study()
    for point in points[6:10]:
        settings = study.repetitions[0].settings
        world = build_world(settings, study.corpora, study.profiles)
        night, _ = run_night(
            world.scenario,
            world.server,
            aggregator=point.aggregator or settings.aggregator,
            release=settings.release,
            strategy=settings.strategy,
        )
        score = night.scores[1]["personal" if point.aggregator else "baseline"]
        if point.system in ("baseline", "personal"):
            np.testing.assert_array_equal(point.score.counts, score.counts)
        if point.aggregator:
            summary, personal = night.summaries[1], night.personal[1]
            assert personal.tally
            assert point.facts["bytes_up"] == summary.n_bytes
            assert point.facts["n_kept"] == personal.tally.n_kept
            by_scene = [point.facts[name] for name in point.facts if name.startswith("kept_")]
            assert sum(by_scene) == personal.tally.n_kept


def test_a_user_is_described_by_what_the_teacher_makes_of_her_day(
    points: Sequence[Point],
) -> None:
    study = tiny_study()
    settings = study.repetitions[0].settings
    world = build_world(settings, study.corpora, study.profiles)
    heard = hear(world.scenario, 1, Purpose.HEARD)
    assert len(heard) == N_HEARD
    probabilities = world.server.teacher.probabilities(heard.x)
    assert isinstance(settings.strategy, Retraining)
    certain = probabilities.max(axis=1) >= settings.strategy.certainty
    facts = next(p.facts for p in points if (p.user, p.system) == ("town", "teacher"))
    assert facts["certain_share"] == pytest.approx(certain.mean())
    wrong = probabilities.argmax(axis=1) != heard.scene
    assert facts["certain_error"] == pytest.approx(wrong[certain].mean(), nan_ok=True)


def test_points_are_bitwise_the_same_with_two_workers(points: Sequence[Point], cache: Path) -> None:
    assert content(run_study(tiny_study(), n_workers=2)) == content(points)


def test_a_point_depends_on_no_other_point(points: Sequence[Point], cache: Path) -> None:
    alone = run_study(tiny_study(components=(3,), n_repetitions=1))
    wanted = [p for p in points if p.repetition == 0 and not _has(p, n=1, full=False)]
    assert content(alone) == content(wanted)


def _has(point: Point, *, n: int, full: bool) -> bool:
    a = point.aggregator
    return a is not None and (a.n_components, a.covariance == "full") == (n, full)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with every training of a personal or shared C1."""
    found: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        found.append(1)
        return train(*args, **kwargs)

    for module in ("fedasc.models.fleet.train", "fedasc.server.train"):
        monkeypatch.setattr(module, counted)
    return found


def test_an_interrupted_study_goes_on_where_it_was(
    points: Sequence[Point], cache: Path, trainings: list[int]
) -> None:
    def interrupt(phase: str, done: int, total: int) -> None:
        if phase == "personalising and judging" and done == 5:
            raise KeyboardInterrupt

    study = tiny_study()
    assert len(study.missing) == len(study.cells) == 12
    with pytest.raises(KeyboardInterrupt):
        run_study(study, progress=interrupt)
    n_before = len(trainings)
    assert len(study.missing) == 7
    assert not study.unprepared
    assert content(run_study(study)) == content(points)
    assert len(trainings) == 2 * 2 + 2 * 6, "two for a server, and one for each cell"
    assert n_before == 2 * 2 + 5
    run_study(study)
    assert len(trainings) == 16


def test_other_inputs_are_other_points(points: Sequence[Point], cache: Path) -> None:
    study = tiny_study(n_repetitions=1, components=(1,))
    run_study(study)
    assert not study.missing
    settings = study.settings
    for changed in (
        replace(settings, seed=5),
        replace(settings, strategy=PersonalisedStrategy(max_draws=3)),
        replace(settings, aggregator=replace(AGGREGATOR, n_iterations=9)),
        replace(settings, embedded=replace(settings.embedded, n_epochs=6)),
    ):
        assert len(replace(study, settings=changed).missing) >= 3
    rounded = replace(study, settings=replace(settings, release=Release(bits=8)))
    assert [cell.aggregator is None for cell in rounded.missing] == [False] * 3
    assert not rounded.unprepared, "what may leave a device is no matter of the world"
    assert len(replace(study, corpora=(TinyCorpus(seed=9),)).missing) == len(study.cells)
    assert len(tiny_study(n_repetitions=2, components=(1, 2)).missing) == 1 + 6


def test_what_went_wrong_in_other_processes_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    study = tiny_study(
        n_repetitions=1,
        strategy=PersonalisedStrategy(certainty=0.999, max_draws=1, deviations="normal"),
    )
    with caplog.at_level(logging.WARNING, logger="fedasc"):
        points = run_study(study)
    personal = [point for point in points if point.aggregator]
    assert all(point.facts["n_kept"] < point.facts["n_wanted"] for point in personal)
    one_sided = [point for point in personal if point.facts["collapsed"]]
    sizes = sorted({point.aggregator.n_components for point in one_sided if point.aggregator})
    assert sizes
    assert [record.getMessage() for record in caplog.records] == [
        "4 of 4 personal classifiers got fewer artificial samples than wanted, with N = 1, 3; see "
        "n_kept in points.csv",
        f"{len(one_sided)} of 4 personal classifiers got artificial samples that hardly hold one "
        f"of the scenes, with N = {', '.join(map(str, sizes))}; see collapsed in points.csv",
    ]


def test_points_are_the_same_if_nobody_asks_why(points: Sequence[Point], cache: Path) -> None:
    study = tiny_study()
    found = run_study(replace(study, plan=replace(study.plan, why=False)))
    others = [point for point in points if point.system != "distilled"]
    for one, other in zip(found, others, strict=True):
        np.testing.assert_array_equal(one.score.counts, other.score.counts)
        assert one.facts.items() <= other.facts.items()
        assert "certain_share" not in one.facts
        assert one.system == other.system
    assert len(study_rows(found)) == len(others)


def test_users_that_the_profiles_lack_are_refused() -> None:
    study = tiny_study()
    with pytest.raises(SettingsError, match="no user 'forest', it has home, town"):
        replace(study, plan=replace(study.plan, distant=("forest",)))


def test_the_corpus_is_there_before_the_work(cache: Path) -> None:
    pool = open_complete_pool(tiny_study().corpora)
    assert {recording.label for recording in pool.recordings} == {"noise", "music", "speech"}
    assert (cache / "pool").is_dir()


def test_a_repetition_has_a_user_of_each_profile() -> None:
    settings: Settings = tiny_study().repetitions[1].settings
    assert (settings.seed, settings.n_clients) == (2, 2)
