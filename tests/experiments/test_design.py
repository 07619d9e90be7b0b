import json
from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.corpus.pool import open_complete_pool
from fedasc.experiments.cell import Cell
from fedasc.experiments.design import Design, run_design
from fedasc.night import run_nights
from fedasc.population.attendance import NightsSettings
from fedasc.probes.certainty import CertaintyProbe
from fedasc.probes.yardsticks import YardsticksProbe
from fedasc.release.release import Release
from tests.experiments.grids import SMALL, tiny_comparison

ONE = SMALL.replace("n_repetitions = 2", "n_repetitions = 1")


def content(design: Design, n_workers: int = 1) -> list[str]:
    open_complete_pool(design.corpora)
    results = run_design(design, n_workers=n_workers)
    assert [result.variant for result in results] == [cell.variant for cell in design.cells]
    return [json.dumps([record.as_json() for record in result.records]) for result in results]


def test_a_cell_is_what_its_nights_are(tmp_path: Path) -> None:
    design = tiny_comparison(tmp_path, ONE, nights=NightsSettings(n_nights=2, dropout=0.3))
    cells = content(design)
    scenario, server = design.cells[0].world.open()
    for cell, told in zip(design.cells, cells, strict=True):
        settings = cell.variant.settings
        nights = run_nights(
            scenario,
            server,
            aggregator=settings.aggregator,
            release=settings.release,
            strategy=settings.strategy,
        )
        records = json.loads(told)
        assert len(records) == 2 * 4
        for record in records:
            scores = nights[record["night"]].scores[record["device"]]
            assert record["scores"]["personal"] == scores["personal"].counts.tolist()
    assert "missing" in cells[0]


def test_who_takes_part_changes_nobody_else(tmp_path: Path) -> None:
    nights = NightsSettings(n_nights=2, dropout=0.3)
    design = tiny_comparison(tmp_path, ONE, nights=nights)
    everyone = run_design(replace(design, variants=design.variants[3:4]))[0].records
    some = replace(design.variants[3], profiles=("town",))
    records = run_design(replace(design, variants=(some,)))[0].records
    assert {record.device for record in records} == {1, 3}
    assert [record.as_json() for record in records] == [
        record.as_json() for record in everyone if record.profile == "town"
    ]


def test_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = content(tiny_comparison(tmp_path, SMALL))
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "another"))
    made: list[str] = []
    make = Cell.make

    def three(self: Cell) -> object:
        if not self.cached.is_made:
            if len(made) == 3:
                raise KeyboardInterrupt
            made.append(self.cached.key)
        return make(self)

    monkeypatch.setattr(Cell, "make", three)
    design = tiny_comparison(tmp_path, SMALL)
    with pytest.raises(KeyboardInterrupt):
        run_design(design)
    assert len(design.cells) == 14
    assert len(design.missing) == 11
    assert design.unprepared == ()
    assert "3 are cached, 11 to make after 0 repetition(s)" in design.in_words()
    made.clear()
    monkeypatch.setattr(Cell, "make", lambda self: made.append(self.cached.key) or make(self))  # type: ignore[func-returns-value]
    assert content(design) == whole
    assert len(set(made)) == 14
    assert (design.missing, design.sharing) == ((), ())


def test_more_entries_and_repetitions_leave_those_that_were_made(tmp_path: Path) -> None:
    run_design(tiny_comparison(tmp_path, ONE))
    renamed = ONE.replace("strategies.personalised]", 'strategies.p]\nname = "personalised"')
    assert tiny_comparison(tmp_path, renamed).missing == (), "labels change no number"
    more = tiny_comparison(tmp_path, f"{SMALL}[comparison.strategies.clustered]\n")
    new = {cell.variant.label[0] for cell in more.missing if not cell.repetition}
    assert new == {"clustered"}
    assert len(more.missing) == 2 + 9
    assert [world.settings.seed for world in more.unprepared] == [2]
    other = tiny_comparison(tmp_path, ONE.replace("n_epochs = 2", "n_epochs = 3"))
    assert len(other.missing) == 4
    assert len(tiny_comparison(tmp_path, ONE, n_clients=3).missing) == 7


def test_what_several_strategies_use_is_made_once(tmp_path: Path) -> None:
    design = tiny_comparison(tmp_path, ONE)
    first = [cell.variant.settings.aggregator for cell in design.sharing]
    assert first == [variant.settings.aggregator for variant in design.variants[3:5]]
    run_design(design)
    kept = list((tmp_path / "cache" / "content").iterdir())
    assert len(kept) == 3 * 4, "of two mixtures and nothing, a summary for each device"


def test_releases_make_cells_of_their_own_of_the_same_summaries(tmp_path: Path) -> None:
    sweep = "min_windows = 1\nrelease = [{ bits = 32 }, { bits = 8 }]\n[comparison.strategies.none]"
    text = ONE.replace("min_windows = 1\n[comparison.strategies.none]", sweep)
    design = tiny_comparison(tmp_path, text.replace("[1, 3]", "3"))
    assert [", ".join(variant.label) for variant in design.variants] == [
        "none, gmm bits=32",
        "none, gmm bits=8",
        "still, nothing",
        "personalised, gmm bits=32",
        "personalised, gmm bits=8",
        "global, gmm bits=32",
        "global, gmm bits=8",
    ]
    assert len({cell.cached.key for cell in design.cells}) == 7
    assert len(design.sharing) == 1, "both are of the same content"
    results = run_design(design)
    assert len(list((tmp_path / "cache" / "content").iterdir())) == 2 * 4
    sent = {", ".join(its.variant.label): its.records[0].bytes_up for its in results}
    assert sent["personalised, gmm bits=32"] == 4 * 3 * 91
    assert sent["personalised, gmm bits=8"] == 3 * 91 + 24
    other = text.replace("[1, 3]", "3").replace("bits = 8", "bits = 16")
    assert len(tiny_comparison(tmp_path, other).missing) == 3


def test_what_may_leave_a_device_is_no_matter_of_the_world(tmp_path: Path) -> None:
    one = tiny_comparison(tmp_path, ONE)
    settings = [replace(v.settings, release=Release(bits=8)) for v in one.variants]
    other = replace(
        one,
        variants=tuple(
            replace(variant, settings=its)
            for variant, its in zip(one.variants, settings, strict=True)
        ),
    )
    worlds = [{cell.world.cached.key for cell in design.cells} for design in (one, other)]
    assert worlds[0] == worlds[1]
    assert len(worlds[0]) == 1


def test_what_probes_tell_is_kept_and_others_make_other_cells(tmp_path: Path) -> None:
    plain = tiny_comparison(tmp_path, ONE)
    run_design(plain)
    asked = tiny_comparison(tmp_path, ONE, probes=(CertaintyProbe(),))
    assert len(asked.missing) == 7
    assert not asked.unprepared
    records = run_design(asked)[0].records
    assert all(record.facts.keys() == set(CertaintyProbe.columns) for record in records)
    assert not asked.missing
    assert len(tiny_comparison(tmp_path, ONE, probes=(YardsticksProbe(),)).missing) == 7
