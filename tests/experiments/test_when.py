from pathlib import Path

import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.errors import SettingsError
from fedasc.experiments.conditions import Condition, WhenPlan
from fedasc.experiments.when import read_when
from fedasc.population.profile import find_profiles
from fedasc.population.sources import SourceCounts
from fedasc.population.users import UserSettings
from tests.experiments.maps import MAP, WORLD, Asking, map_of


def condition(**values: object) -> Condition:
    usual = {
        **{"familiarity": 0.0, "sources": "all", "evenness": 2.0},
        **{"answers": 0, "heard": 30, "users": 2},
    }
    return Condition(**{**usual, **values})  # type: ignore[arg-type]


def test_every_condition_has_a_world_of_its_own_and_all_systems(tmp_path: Path) -> None:
    text = MAP.replace('["all"]', "[3, 15]").replace("[30]", "[30, 40]")
    grid = map_of(WORLD + text, tmp_path, seed=5, axes={"evenness": [0.5], "users": [3]})
    assert len(grid.plan.conditions) == 2 * 2 * 2 * 2
    assert len(grid.variants) == 16 * 3
    assert grid.rivals == ("baseline", "comprehensive", "distilled", "all, asked")
    here = condition(familiarity=1.0, sources=15, evenness=0.5, answers=3, heard=40, users=3)
    settings = grid.systems[here, "personal"].settings
    assert (settings.seed, settings.n_clients, settings.listening.n_heard) == (5, 3, 40)
    assert settings.users == UserSettings(
        familiarity=1.0, share_concentration=0.5, n_sources=SourceCounts(noise=6, music=6, speech=3)
    )
    assert settings.probes == ()
    assert settings.aggregator == GmmAggregator(n_components=3, min_windows=1)
    assert grid.systems[here, "distilled"].settings.aggregator == NothingAggregator()
    assert len({variant.label for variant in grid.variants}) == len(grid.variants)


@pytest.mark.parametrize(
    ("sources", "by_label"),
    [
        (3, {"noise": 1, "music": 1, "speech": 1}),
        (4, {"noise": 2, "music": 1, "speech": 1}),
        (15, {"noise": 6, "music": 6, "speech": 3}),
        ("all", {}),
    ],
)
def test_sources_are_shared_out_to_labels(sources: int | str, by_label: dict[str, int]) -> None:
    changes = condition(sources=sources).changes()
    assert changes["users"]["n_sources"] == by_label


def test_rivals_that_ask_get_as_many_answers(tmp_path: Path) -> None:
    grid = map_of(WORLD + MAP, tmp_path)
    for answers in (0, 3):
        alone, together = (
            grid.systems[condition(answers=answers), label].settings.strategy
            for label in ("personal", "all, asked")
        )
        assert alone == Asking(n_questions=answers, n_epochs=2)
        assert together == Asking(n_questions=answers, groups="all", n_epochs=2)
    one, other = (grid.systems[condition(answers=n), "distilled"] for n in (0, 3))
    assert one.settings == other.settings, "and are made once"


def test_profiles_say_what_no_axis_says(tmp_path: Path) -> None:
    own = find_profiles("own")
    grid = map_of(WORLD + MAP, tmp_path, profiles=own)
    users = grid.systems[condition(), "personal"].settings.users
    assert users == UserSettings(
        share_concentration=2.0, tilt_spread_db=own.user_settings["tilt_spread_db"]
    ), "of the number of sources nothing"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("n_repetitions = 2", "n_repetition = 2", "did you mean 'n_repetitions'"),
        ("n_repetitions = 2", "n_repetitions = 0", "n_repetitions must be at least 1"),
        ("[0.0, 1.0]", "[]", "familiarity must be different values"),
        ("[0.0, 1.0]", "[1.0, 1.0]", "familiarity must be different values"),
        ("[0.0, 1.0]", "[0.0, 1.5]", "familiarity"),
        ('["all"]', "[2]", "sources must be 3 or more"),
        ('["all"]', '["some"]', "sources must be 3 or more"),
        ("[0, 3]", "[-1]", "answers must not be negative"),
        ("[0, 3]", "[0.5]", "expected int"),
        ("[30]", "[1]", "n_heard must be at least 2"),
        ("users = [2]", "users = [0]", "clients must be at least 1"),
        ('"tests.experiments.maps:Asking"', '"personalised"', "asks nothing"),
        ("[when.rivals.distilled]", "[when.rivals.teacher]", "is there anyway"),
        ("[when.rivals.distilled]", "[when.rivals.distiled]", "did you mean 'distilled'"),
        ("[when]", "[users]\ndrift = 0.1\nfamiliarity = 0.1\n[when]", "say it in [when]"),
        ("[when]", "[strategy]\n[when]", "has no place in a map"),
        ("[when]", "[where]", "has no map"),
    ],
)
def test_maps_that_cannot_be_made_are_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in MAP
    text = MAP.replace(old, new, 1)
    if "[when]" not in text:
        text = text.replace("[when.", "[where.")
    with pytest.raises(SettingsError, match=told.replace("[", r"\[")):
        map_of(WORLD + text, tmp_path)


def test_what_comes_along_has_twelve_conditions_and_all_rivals() -> None:
    grid = read_when("when")
    assert len(grid.plan.conditions) == 12
    assert grid.plan == WhenPlan(), "the defaults of the settings are told as those of the command"
    assert grid.rivals == (
        *("baseline", "comprehensive"),
        *("comprehensive + shares", "distilled", "global"),
    )
    assert grid.as_section()["strategies"]["personal"]["n_questions"] == 0
