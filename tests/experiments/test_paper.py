import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fedasc.corpus.pool import open_complete_pool
from fedasc.errors import SettingsError
from fedasc.evaluation.scores import confusion
from fedasc.experiments.design import Design, Result, run_design
from fedasc.experiments.paper import DISTILLED, paper_design, warn_of_samples
from fedasc.models.training import train
from fedasc.night import run_night
from fedasc.population.attendance import NightsSettings
from fedasc.probes.probe import Probe
from fedasc.probes.samples import SamplesProbe
from fedasc.probes.sight import Sight
from fedasc.release.release import Release
from fedasc.report.paper_results import point_rows
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.server import Server
from fedasc.simulated import hear
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.retraining import Retraining
from tests.worlds import (
    AGGREGATOR,
    N_EVALUATION,
    N_HEARD,
    PLAN,
    PROFILES,
    TINY,
    TinyCorpus,
    tiny_paper,
)

RIVALS = ("baseline", "comprehensive", DISTILLED, "teacher")


def content(results: Sequence[Result]) -> str:
    return json.dumps(point_rows(PLAN.users, results))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Result]]:
    """With the cache that they are in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEDASC_CACHE", str(tmp_path_factory.mktemp("paper")))
        yield run_design(tiny_paper())


def first_world() -> tuple[Scenario, Server]:
    design = tiny_paper()
    design.prepare(design.cells[0].world)
    return design.cells[0].world.open()


def test_every_repetition_has_the_rivals_and_the_users_systems(results: Sequence[Result]) -> None:
    rows = point_rows(PLAN.users, results)
    assert [(row["repetition"], row["user"], row["system"]) for row in rows] == [
        (repetition, user, system)
        for repetition in range(2)
        for user, personal in (("home", ["N=3"]), ("town", ["N=1", "N=3", "N=1 full"]))
        for system in (*RIVALS, *personal)
    ]
    assert [row["seed"] for row in rows] == [1] * 12 + [2] * 12
    for result in results:
        for record in result.records:
            assert {score.counts.sum() for score in record.scores.values()} == {N_EVALUATION}


def test_repetitions_are_other_splits(results: Sequence[Result]) -> None:
    first, second = results[:5], results[5:]
    for one, other in zip(first, second, strict=True):
        assert one.variant == other.variant
        facts = [[record.facts for record in result.records] for result in (one, other)]
        assert facts[0] != facts[1]


def test_a_point_is_what_a_night_of_all_users_with_its_mixture_gives(
    results: Sequence[Result],
) -> None:
    scenario, server = first_world()
    for result in results[1:4]:
        settings = result.variant.settings
        night, _ = run_night(
            scenario,
            server,
            aggregator=settings.aggregator,
            release=settings.release,
            strategy=settings.strategy,
        )
        (record,) = result.records
        for name in ("personal", "baseline"):
            np.testing.assert_array_equal(record.scores[name].counts, night.scores[1][name].counts)
        summary, tally = night.summaries[1], night.personal[1].tally
        assert record.tally == tally
        assert tally
        assert record.bytes_up == summary.n_bytes
        by_scene = [record.facts[name] for name in record.facts if name.startswith("kept_")]
        assert sum(by_scene) == tally.n_kept


def test_a_user_is_described_by_what_the_teacher_makes_of_her_day(
    results: Sequence[Result],
) -> None:
    settings = TINY
    scenario, server = first_world()
    heard = hear(scenario, 1, Purpose.HEARD)
    assert len(heard) == N_HEARD
    probabilities = server.teacher.probabilities(heard.x)
    assert isinstance(settings.strategy, Retraining)
    certain = probabilities.max(axis=1) >= settings.strategy.certainty
    (record,) = [one for one in results[4].records if one.profile == "town"]
    assert record.facts["certain_share"] == pytest.approx(certain.mean())
    wrong = probabilities.argmax(axis=1) != heard.scene
    assert record.facts["certain_error"] == pytest.approx(wrong[certain].mean(), nan_ok=True)
    evaluation = hear(scenario, 1, Purpose.EVALUATION)
    labels = server.teacher.probabilities(evaluation.x).argmax(axis=1)
    expected = confusion(evaluation.scene, labels).counts
    np.testing.assert_array_equal(record.scores["teacher"].counts, expected)


def test_points_are_bitwise_the_same_with_two_workers(
    results: Sequence[Result], cache: Path
) -> None:
    assert content(run_design(tiny_paper(), n_workers=2)) == content(results)


def test_a_cell_depends_on_no_other_cell(results: Sequence[Result], cache: Path) -> None:
    alone = run_design(tiny_paper(components=(3,), n_repetitions=1))
    wanted = [result for result in results[:5] if result.variant.label != ("N=1",)]
    assert content(alone) == content(wanted)


@dataclass(frozen=True, kw_only=True)
class Loudness(Probe):
    """Somebody's own."""

    columns = ("loudness",)

    def look(self, sight: Sight) -> dict[str, Any]:
        return {"loudness": float(sight.heard.x.mean())}


def test_probes_of_the_settings_are_columns_of_personal_rows(cache: Path) -> None:
    probes = (Loudness(), SamplesProbe())
    asked = tiny_paper(replace(TINY, probes=probes), n_repetitions=1, components=(1,))
    assert asked.variants[0].settings.probes[:2] == probes, "and samples is asked once"
    rows = point_rows(PLAN.users, run_design(asked))
    assert len({tuple(row) for row in rows}) == 1
    for row in rows:
        assert isinstance(row["loudness"], float) == row["system"].startswith("N=")
    plain = point_rows(PLAN.users, run_design(tiny_paper(n_repetitions=1, components=(1,))))
    assert [{**row, "loudness": ""} for row in plain] == [{**row, "loudness": ""} for row in rows]


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with every training of a personal or shared C1."""
    made: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(1)
        return train(*args, **kwargs)

    for module in ("fedasc.models.fleet.train", "fedasc.server.train"):
        monkeypatch.setattr(module, counted)
    return made


def test_an_interrupted_design_goes_on_where_it_was(
    results: Sequence[Result], cache: Path, trainings: list[int]
) -> None:
    def interrupt(phase: str, done: int, total: int) -> None:
        if phase == "making cells" and done == 3:
            raise KeyboardInterrupt

    design = tiny_paper()
    assert len(design.missing) == len(design.cells) == 10
    with pytest.raises(KeyboardInterrupt):
        run_design(design, progress=interrupt)
    n_before = len(trainings)
    assert len(design.missing) == 7
    assert not design.unprepared
    assert content(run_design(design)) == content(results)
    assert len(trainings) == 2 * 2 + 2 * 5, "two for a server, and one for each cell"
    assert n_before == 2 * 2 + 3
    run_design(design)
    assert len(trainings) == 14


def test_other_inputs_are_other_cells(cache: Path) -> None:
    run_design(tiny_paper(n_repetitions=1, components=(1,)))
    assert not tiny_paper(n_repetitions=1, components=(1,)).missing

    def missing(**changes: Any) -> Design:
        return tiny_paper(replace(TINY, **changes), n_repetitions=1, components=(1,))

    assert len(missing(seed=5).missing) == 4
    assert len(missing(embedded=replace(TINY.embedded, n_epochs=6)).missing) == 4
    assert len(missing(strategy=PersonalisedStrategy(max_draws=3)).missing) == 4
    assert len(missing(aggregator=replace(AGGREGATOR, n_iterations=9)).missing) == 3
    rounded = missing(release=Release(bits=8))
    assert len(rounded.missing) >= 3
    assert not rounded.unprepared, "what may leave a device is no matter of the world"
    plan = replace(PLAN, n_repetitions=1, components=(1,))
    others = paper_design(TINY, plan, PROFILES, (TinyCorpus(seed=9),))
    assert len(others.missing) == len(others.cells)
    assert len(tiny_paper(components=(1, 2)).missing) == 1 + 5


def test_what_went_wrong_in_other_processes_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy = PersonalisedStrategy(certainty=0.999, max_draws=1, deviations="normal")
    with caplog.at_level(logging.WARNING, logger="fedasc"):
        results = run_design(tiny_paper(replace(TINY, strategy=strategy), n_repetitions=1))
        assert not caplog.records
        warn_of_samples(results)
    personal = [result for result in results if result.variant.label != (DISTILLED,)]
    bad = [
        result.variant.label[0]
        for result in personal
        for record in result.records
        if record.facts["collapsed"]
    ]
    assert bad
    assert [record.getMessage() for record in caplog.records] == [
        "4 of 4 personal classifiers got fewer artificial samples than wanted, with N=3, N=1, "
        "N=1 full; see n_kept in points.csv",
        f"{len(bad)} of 4 personal classifiers got artificial samples that hardly hold one "
        f"of the scenes, with {', '.join(dict.fromkeys(bad))}; see collapsed in points.csv",
    ]


def test_points_are_the_same_if_nobody_asks_why(results: Sequence[Result], cache: Path) -> None:
    plain = point_rows(PLAN.users, run_design(tiny_paper(why=False)))
    others = [row for row in point_rows(PLAN.users, results) if row["system"] != DISTILLED]
    for row, other in zip(plain, others, strict=True):
        assert row.keys() == other.keys()
        told = {name: value for name, value in row.items() if value != ""}
        assert told.items() <= other.items()
        assert row["certain_share"] == row["share_kept"] == ""
        assert (row["n_sent"] == "") == (not row["system"].startswith("N="))


def test_users_that_the_profiles_lack_are_refused() -> None:
    with pytest.raises(SettingsError, match="no user 'forest', it has home, town"):
        tiny_paper(distant=("forest",))


def test_what_gives_no_figure_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"the figures need .* 'none'; see .*compare"):
        tiny_paper(replace(TINY, strategy=NoStrategy()))
    with pytest.raises(SettingsError, match=r"of one night that all take part in; take .*out"):
        tiny_paper(replace(TINY, nights=NightsSettings(dropout=0.2)))


def test_the_corpus_is_there_before_the_work(cache: Path) -> None:
    pool = open_complete_pool(tiny_paper().corpora)
    assert {recording.label for recording in pool.recordings} == {"noise", "music", "speech"}
    assert (cache / "pool").is_dir()


def test_a_repetition_has_a_user_of_each_profile() -> None:
    settings = tiny_paper().cells[-1].world.settings
    assert (settings.seed, settings.n_clients) == (2, 2)
