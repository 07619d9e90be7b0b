import json
from pathlib import Path

import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.errors import SettingsError
from fedasc.experiments.audit_plan import AuditPlan
from fedasc.experiments.grid import read_grid
from fedasc.plugins import as_section
from fedasc.population.profile import find_profiles
from fedasc.probes.components import ComponentsProbe
from fedasc.release.release import Release
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.experiments.grids import SMALL, grid_of

TWO = """
n_clients = 7
[comparison]
baseline = "personalised certainty=0"
[comparison.aggregators.gmm]
[comparison.aggregators.features]
[comparison.strategies.personalised]
certainty = [0.0, 0.75]
with = ["gmm"]
[comparison.strategies.oracle]
"""
RELEASES = """n_components = [4]
release = [{ bits = 32 }, { bits = 8, min_windows = 9 }]
"""


def test_pairs_stand_by_strategy_in_the_order_of_the_file(tmp_path: Path) -> None:
    grid = grid_of(SMALL, tmp_path)
    assert [", ".join(variant.label) for variant in grid.variants] == [
        "none, gmm n_components=1",
        "none, gmm n_components=3",
        "still, nothing",
        "personalised, gmm n_components=1",
        "personalised, gmm n_components=3",
        "global, gmm n_components=1",
        "global, gmm n_components=3",
    ]
    third, fifth = grid.variants[2].settings, grid.variants[4].settings
    assert third.aggregator == NothingAggregator(), "as it usually goes with none"
    assert fifth.aggregator == GmmAggregator(n_components=3, min_windows=1)
    assert fifth.strategy == PersonalisedStrategy(n_epochs=2)


def test_what_fits_is_paired_unless_with_says_otherwise(tmp_path: Path) -> None:
    grid = grid_of(TWO, tmp_path)
    assert [", ".join(variant.label) for variant in grid.variants] == [
        "personalised certainty=0, gmm",
        "personalised certainty=0.75, gmm",
        "oracle, features",
    ]
    assert grid.baseline == grid.variants[0]


def test_what_may_leave_stands_in_the_file_or_with_an_aggregator(tmp_path: Path) -> None:
    text = TWO.replace("[comparison.aggregators.gmm]", "[comparison.aggregators.gmm]\n" + RELEASES)
    text = text.replace('"personalised certainty=0"', '"oracle"')
    text = text.replace("n_clients = 7", "[release]\nmin_windows = 2")
    grid = grid_of(text, tmp_path)
    pairs = {variant.label[1]: variant.settings.release for variant in grid.variants}
    assert pairs == {
        "gmm n_components=4 bits=32": Release(min_windows=2),
        "gmm n_components=4 bits=8 min_windows=9": Release(min_windows=9, bits=8),
        "features": Release(min_windows=2),
    }
    aggregators = {variant.settings.aggregator for variant in grid.variants[:2]}
    assert aggregators == {GmmAggregator(n_components=4)}


def test_settings_stand_beside_the_grid_and_options_take_their_place(tmp_path: Path) -> None:
    assert grid_of(TWO, tmp_path).baseline.settings.n_clients == 7
    path = tmp_path / "grid.toml"
    grid = read_grid(str(path), seed=3, n_repetitions=4, n_clients=5)
    shared = {(variant.settings.seed, variant.settings.n_clients) for variant in grid.variants}
    assert (shared, grid.n_repetitions) == ({(3, 5)}, 4)
    users = read_grid(str(path), profiles=find_profiles("own")).baseline.settings.users
    assert (users.share_concentration, users.n_sources.speech) == (2.0, 3)


def test_what_comes_along_compares_every_plugin() -> None:
    grid = read_grid("comparison")
    aggregators = {variant.settings.aggregator.name for variant in grid.variants}
    assert aggregators == set(GmmAggregator.family.builtin)
    strategies = {variant.settings.strategy.name for variant in grid.variants}
    assert strategies == set(PersonalisedStrategy.family.builtin)
    rivals = [variant.settings.strategy for variant in grid.variants]
    assert {one.shares for one in rivals if isinstance(one, ComprehensiveStrategy)} == {
        "none",
        "mixture",
        "told",
    }
    assert 20 <= len(grid.variants) <= 40
    assert grid.baseline.label == ("none", "nothing")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("n_clients = 7", "n_client = 7", "did you mean 'n_clients'"),
        ("n_clients = 7", "[strategy]", r"strategy: .*\[comparison.strategies.LABEL\]"),
        ("n_clients = 7", "[aggregator]", r"aggregator: .*\[comparison.aggregators.LABEL\]"),
        ("[comparison]", "[comparison]\nn_repetition = 3", "did you mean 'n_repetitions'"),
        ("[comparison]", "[comparison]\nn_repetitions = 0", "at least 1"),
        ("certainty=0", "certainty=1", "no strategy 'personalised certainty=1' in the grid"),
        ("aggregators.gmm]", "aggregators.gmmm]", "did you mean 'gmm'"),
        ("aggregators.gmm]", "aggregators.gmm]\nrelease = 8", r"gmm.release: expected a table"),
        ("strategies.oracle]", "strategies.orakle]", "did you mean 'oracle'"),
        ("[0.0, 0.75]", "[0.0, 0.0]", "'personalised certainty=0' is there twice"),
        (
            'with = ["gmm"]',
            'with = ["gmmm"]',
            "no aggregator 'gmmm' in the grid; did you mean 'gmm'",
        ),
        ('with = ["gmm"]', 'with = "gmm"', "expected a list of labels"),
        ('with = ["gmm"]', "with = []", "no aggregator of the grid goes with it"),
        ("strategies.oracle]", 'strategies.oracle]\nwith = ["gmm"]', "needs features, but.*'gmm'"),
        ("strategies.oracle]", "strategies.fedavg]", "it needs weights.*'self-trained'"),
        ("strategies.oracle]", "strategies.none]", "features: no strategy of the grid"),
        ('with = ["gmm"]', "", "is paired with 'gmm', 'features'"),
        ("[comparison.strategies.oracle]", "[comparison.strategies]\noracle = 3", "a section"),
    ],
)
def test_bad_grids_are_refused_with_the_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TWO
    with pytest.raises(SettingsError, match=said):
        grid_of(TWO.replace(old, new), tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 1", "names nothing to compare"),
        ("comparison = 3", "names nothing to compare"),
        ("[comparison]", "name a strategy"),
        ("[comparison]\naggregators = 3", "expected sections"),
    ],
)
def test_a_file_without_a_grid_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        grid_of(text, tmp_path)


def test_settings_name_every_entry_with_its_defaults(tmp_path: Path) -> None:
    section = grid_of(SMALL, tmp_path).as_section()
    assert "aggregator" not in section
    assert section["comparison"]["baseline"] == "still"
    last = section["comparison"]["entries"][-1]
    assert last["aggregator"]["name"] == "gmm"
    assert last["release"] == as_section(Release(min_windows=1))
    assert section["comparison"]["privacy"] == as_section(AuditPlan())
    assert last["strategy"]["n_restarts"] == 1
    json.dumps(section)


def test_probes_are_those_of_the_file_and_none_else(tmp_path: Path) -> None:
    probes = {variant.settings.probes for variant in grid_of(SMALL, tmp_path).variants}
    assert probes == {()}
    more = grid_of(f'{SMALL}\n[[probes]]\nname = "components"', tmp_path)
    assert {variant.settings.probes for variant in more.variants} == {(ComponentsProbe(),)}
