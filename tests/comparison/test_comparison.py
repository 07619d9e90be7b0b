import json
from pathlib import Path

import pytest

from fedasc.comparison.comparison import Cell, Comparison, as_settings
from fedasc.comparison.run import in_words, run_comparison
from fedasc.corpus.pool import open_complete_pool
from fedasc.night import run_nights
from fedasc.population.attendance import NightsSettings
from fedasc.release.release import Release
from tests.comparison.grids import SMALL, tiny_comparison

ONE = SMALL.replace("n_repetitions = 2", "n_repetitions = 1")


def content(comparison: Comparison, n_workers: int = 1) -> list[str]:
    open_complete_pool(comparison.corpora)
    results = run_comparison(comparison, n_workers=n_workers)
    assert [result.entry for result in results] == [cell.entry for cell in comparison.cells]
    return [json.dumps([its.as_json() for its in result.devices]) for result in results]


def test_a_cell_is_what_its_nights_are(tmp_path: Path) -> None:
    comparison = tiny_comparison(tmp_path, ONE, nights=NightsSettings(n_nights=2, dropout=0.3))
    found = content(comparison)
    scenario, server = comparison.repetitions[0].world()
    for cell, told in zip(comparison.cells, found, strict=True):
        nights = run_nights(
            scenario,
            server,
            aggregator=cell.entry.aggregator,
            release=cell.entry.release,
            strategy=cell.entry.strategy,
        )
        devices = json.loads(told)
        assert len(devices) == 2 * 4
        for its in devices:
            scores = nights[its["night"]].scores[its["device"]]
            assert its["scores"]["personal"] == scores["personal"].counts.tolist()
    assert "missing" in found[0]


def test_goes_on_where_it_was_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = content(tiny_comparison(tmp_path, SMALL))
    monkeypatch.setenv("FEDASC_CACHE", str(tmp_path / "another"))
    made: list[str] = []
    make = Cell.make

    def three(self: Cell) -> object:
        if not self.is_made:
            if len(made) == 3:
                raise KeyboardInterrupt
            made.append(self.cached.key)
        return make(self)

    monkeypatch.setattr(Cell, "make", three)
    comparison = tiny_comparison(tmp_path, SMALL)
    with pytest.raises(KeyboardInterrupt):
        run_comparison(comparison)
    assert len(comparison.cells) == 14
    assert len(comparison.missing) == 11
    assert comparison.unprepared == ()
    assert "3 are cached, 11 to make after 0 repetition(s)" in in_words(comparison)
    made.clear()
    monkeypatch.setattr(Cell, "make", lambda self: made.append(self.cached.key) or make(self))  # type: ignore[func-returns-value]
    assert content(comparison) == whole
    assert len(set(made)) == 14
    assert (comparison.missing, comparison.days) == ((), ())


def test_more_entries_and_repetitions_leave_those_that_were_made(tmp_path: Path) -> None:
    run_comparison(tiny_comparison(tmp_path, ONE))
    renamed = ONE.replace("strategies.personalised]", 'strategies.p]\nname = "personalised"')
    assert tiny_comparison(tmp_path, renamed).missing == (), "labels change no number"
    more = tiny_comparison(tmp_path, f"{SMALL}[comparison.strategies.clustered]\n")
    new = {cell.entry.strategy_label for cell in more.missing if not cell.repetition.number}
    assert new == {"clustered"}
    assert len(more.missing) == 2 + 9
    assert [its.number for its in more.unprepared] == [1]
    other = tiny_comparison(tmp_path, ONE.replace("n_epochs = 2", "n_epochs = 3"))
    assert len(other.missing) == 4
    assert len(tiny_comparison(tmp_path, ONE, n_clients=3).missing) == 7


def test_what_several_strategies_use_is_made_once(tmp_path: Path) -> None:
    comparison = tiny_comparison(tmp_path, ONE)
    days = [its.aggregator for its in comparison.days]
    assert days == [comparison.cells[3].entry.aggregator, comparison.cells[4].entry.aggregator]
    run_comparison(comparison)
    kept = list((tmp_path / "cache" / "content").iterdir())
    assert len(kept) == 3 * 4, "of two mixtures and nothing, a summary for each device"


def test_releases_make_cells_of_their_own_of_the_same_summaries(tmp_path: Path) -> None:
    sweep = "min_windows = 1\nrelease = [{ bits = 32 }, { bits = 8 }]\n[comparison.strategies.none]"
    text = ONE.replace("min_windows = 1\n[comparison.strategies.none]", sweep)
    comparison = tiny_comparison(tmp_path, text.replace("[1, 3]", "3"))
    assert [entry.label for entry in comparison.grid.entries] == [
        "none, gmm bits=32",
        "none, gmm bits=8",
        "still, nothing",
        "personalised, gmm bits=32",
        "personalised, gmm bits=8",
        "global, gmm bits=32",
        "global, gmm bits=8",
    ]
    assert len({cell.cached.key for cell in comparison.cells}) == 7
    assert len(comparison.days) == 1, "both are of the same content"
    results = run_comparison(comparison)
    assert len(list((tmp_path / "cache" / "content").iterdir())) == 2 * 4
    sent = {its.entry.label: its.devices[0].bytes_up for its in results}
    assert sent["personalised, gmm bits=32"] == 4 * 3 * 91
    assert sent["personalised, gmm bits=8"] == 3 * 91 + 24
    other = text.replace("[1, 3]", "3").replace("bits = 8", "bits = 16")
    assert len(tiny_comparison(tmp_path, other).missing) == 3


def test_what_a_release_of_the_file_leaves_is_no_matter_of_the_world(tmp_path: Path) -> None:
    one = tiny_comparison(tmp_path, ONE)
    other = tiny_comparison(tmp_path, ONE, release=Release(bits=8))
    assert [its.cached.key for its in one.repetitions] == [
        its.cached.key for its in other.repetitions
    ]


def test_settings_name_every_entry_with_its_defaults(tmp_path: Path) -> None:
    found = as_settings(tiny_comparison(tmp_path, SMALL))
    assert "aggregator" not in found
    assert found["comparison"]["baseline"] == "still"
    last = found["comparison"]["entries"][-1]
    assert last["aggregator"]["name"] == "gmm"
    assert last["strategy"]["n_restarts"] == 1
    json.dumps(found)
