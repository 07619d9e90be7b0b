from typing import Any

import pytest

from fedasc.cli.overrides import with_options


def test_options_take_the_place_of_what_a_file_says_and_of_nothing_else() -> None:
    content = {"seed": 3, "users": {"drift": 0.1, "n": 2}, "nights": {"dropout": 0.2}}
    options = {"seed": 5, "users": {"drift": 0.4}, "nights": {"n_nights": 3}}
    assert with_options(content, options) == {
        "seed": 5,
        "users": {"drift": 0.4, "n": 2},
        "nights": {"dropout": 0.2, "n_nights": 3},
    }


def test_what_was_not_given_says_nothing() -> None:
    options: dict[str, Any] = {
        "seed": None,
        "users": {"drift": None},
        "aggregator": {"name": None, "n_components": None},
        "deeper": {"and": {"deeper": None}},
    }
    content = {"seed": 3, "aggregator": {"name": "kmeans"}}
    assert with_options(content, options) == content
    assert with_options({}, options) == {}


@pytest.mark.parametrize("given", [0, 0.0, False, ""])
def test_nought_is_something(given: Any) -> None:
    found = with_options({"seed": 3, "users": {"drift": 0.5}}, {"users": {"drift": given}})
    assert found == {"seed": 3, "users": {"drift": given}}


def test_settings_of_another_plug_in_are_left_out() -> None:
    content = {
        "aggregator": {"name": "gmm", "min_windows": 2},
        "strategy": {"name": "clustered", "n_clusters": 3},
    }
    options = {"aggregator": {"name": "kmeans", "n_components": 8}, "strategy": {"name": None}}
    assert with_options(content, options) == {
        "aggregator": {"name": "kmeans", "n_components": 8},
        "strategy": {"name": "clustered", "n_clusters": 3},
    }


@pytest.mark.parametrize("named", ["gmm", None])
def test_settings_of_the_same_plug_in_stay(named: str | None) -> None:
    content = {"aggregator": {"name": "gmm", "min_windows": 2}}
    options = {"aggregator": {"name": named, "n_components": 8}}
    expected = {"name": "gmm", "min_windows": 2, "n_components": 8}
    assert with_options(content, options) == {"aggregator": expected}


def test_what_was_read_is_left_as_it_was() -> None:
    content = {"aggregator": {"name": "gmm"}, "users": {"drift": 0.1}}
    with_options(content, {"aggregator": {"name": "kmeans"}, "users": {"drift": 0.2}})
    assert content == {"aggregator": {"name": "gmm"}, "users": {"drift": 0.1}}


def test_a_plug_in_that_is_named_alone_gives_way_to_another_and_takes_settings() -> None:
    content = {"teacher": "mobilenet", "aggregator": "kmeans"}
    options = {"teacher": {"name": "ensemble"}, "aggregator": {"n_components": 8}}
    assert with_options(content, options) == {
        "teacher": {"name": "ensemble"},
        "aggregator": {"name": "kmeans", "n_components": 8},
    }


@pytest.mark.parametrize(("named", "stays"), [("committee", True), ("deep_sets", False)])
def test_members_of_a_committee_stay_with_it(named: str, stays: bool) -> None:
    content = {"teacher": {"members": ["ensemble"]}}
    merged = with_options(content, {"teacher": {"name": named}})["teacher"]
    assert merged == {"name": named, **(content["teacher"] if stays else {})}
