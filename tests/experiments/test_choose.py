from dataclasses import replace
from pathlib import Path

import pytest

from fedasc.errors import SettingsError
from fedasc.experiments.choose import choice_design, read_variants
from fedasc.experiments.preset import read_preset
from fedasc.population.profile import find_profiles
from fedasc.settings import Settings
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.worlds import PLAN, PROFILES, TINY, TinyCorpus

VARIANTS = """
seed = 4

[study]
n_repetitions = 3

[strategy]
certainty = 0.5
max_draws = 7

[variants.plain]

[variants."hard, certain".strategy]
targets = "hard"
certainty = 0.9

[variants.other.embedded]
keep = "last"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "variants.toml"
    path.write_text(VARIANTS)
    return path


def test_a_variant_changes_what_it_names_and_nothing_else(file: Path) -> None:
    found, plan = read_variants(str(file), n_repetitions=2)
    assert list(found) == ["plain", "hard, certain", "other"]
    assert plan.n_repetitions == 2
    assert {settings.seed for settings in found.values()} == {4}
    plain, hard, other = found.values()
    assert plain.strategy == PersonalisedStrategy(certainty=0.5, targets="soft", max_draws=7)
    assert hard.strategy == PersonalisedStrategy(certainty=0.9, targets="hard", max_draws=7)
    assert (hard.embedded, other.strategy) == (plain.embedded, plain.strategy)
    assert (plain.embedded.keep, other.embedded.keep) == ("mean", "last")


def test_what_goes_with_profiles_stands_beneath_every_variant() -> None:
    variants, _ = read_variants("retraining", profiles=find_profiles("own"))
    assert {settings.users.n_sources.noise for settings in variants.values()} == {6}
    assert {settings.users.tilt_spread_db for settings in variants.values()} == {0.0}


@pytest.mark.parametrize("name", ["retraining", "shipped"])
def test_those_that_come_along_can_be_read(name: str) -> None:
    found, plan = read_variants(name)
    assert len(found) > 5
    assert len(set(map(repr, found.values()))) == len(found), "every variant must be another"
    assert len(plan.components) == 1


def test_what_is_shipped_is_compared_with_what_the_paper_ships() -> None:
    found, _ = read_variants("shipped")
    papers, _ = read_preset("method")
    oldest = found["vectors in order, scenes"]
    assert oldest.training_sets == papers.training_sets
    assert oldest.embedded == replace(Settings().embedded, inputs=papers.embedded.inputs)
    assert found["the default"].training_sets == Settings().training_sets


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = 1", "nothing to choose between"),
        ("variants = 3", "nothing to choose between"),
        ("[variants]\nplain = 3", "variants.plain"),
        ("[variants.a.strategy]\nlables = 'hard'", "variant 'a'.*did you mean 'labels'"),
    ],
)
def test_refuses_what_names_no_variants(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "variants.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_variants(str(path))


def test_the_cells_of_a_variant_are_its_personal_classifiers() -> None:
    more = replace(TINY, embedded=replace(TINY.embedded, n_epochs=6))
    plan = replace(PLAN, components=(3,), full_components=())
    design = choice_design({"plain": TINY, "more": more}, plan, PROFILES, (TinyCorpus(),))
    assert [(v.label, v.profiles) for v in design.variants] == [
        (("plain", "N=3"), ("home",)),
        (("plain", "N=3"), ("town",)),
        (("more", "N=3"), ("home",)),
        (("more", "N=3"), ("town",)),
    ]
    assert len(design.missing) == 8
    assert len(design.unprepared) == 4, "another C1 makes another world"
    worlds = [cell.world.cached.key for cell in design.missing]
    assert worlds == [key for key in dict.fromkeys(worlds) for _ in range(2)], "world by world"
