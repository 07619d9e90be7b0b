from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.errors import SettingsError
from fedasc.experiments.sweep import swept, swept_releases
from fedasc.models.self_training import SelfTraining
from fedasc.release.release import Release

ROOT: type[Aggregator] = Aggregator  # type: ignore[type-abstract]


def found(label: str, section: Mapping[str, Any]) -> dict[str, Aggregator]:
    return dict(swept(ROOT, label, section, where="file"))


def test_a_section_without_lists_is_one_plugin_by_its_label() -> None:
    assert found("gmm", {"n_components": 8}) == {"gmm": GmmAggregator(n_components=8)}
    assert found("mine", {"name": "gmm"}) == {"mine": GmmAggregator()}


def test_lists_are_combined_and_told_in_the_label() -> None:
    its = found("gmm", {"n_components": [8, 16], "covariance": ["diagonal", "full"]})
    assert list(its) == [
        "gmm n_components=8 covariance=diagonal",
        "gmm n_components=8 covariance=full",
        "gmm n_components=16 covariance=diagonal",
        "gmm n_components=16 covariance=full",
    ]
    last = its["gmm n_components=16 covariance=full"]
    assert last == GmmAggregator(n_components=16, covariance="full")


def test_words_of_numbers_are_short() -> None:
    its = found("gmm", {"variance_floor_db2": [1, 0.25]})
    assert list(its) == ["gmm variance_floor_db2=1", "gmm variance_floor_db2=0.25"]


def test_nested_tables_are_passed_on_and_may_be_swept_as_a_whole() -> None:
    training = {"n_epochs": 3, "batch_size": 4}
    expected = SelfTrainedAggregator(training=SelfTraining(n_epochs=3, batch_size=4))
    assert found("own", {"name": "self-trained", "training": training}) == {"own": expected}
    assert found("own", {"name": "self-trained", "training": [training]}) == {
        "own training=3 4": expected
    }


def test_fields_that_are_lists_by_nature_are_not_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "levels_of_tests.py").write_text(
        "from dataclasses import dataclass\n"
        "from fedasc.aggregators.moments import MomentsAggregator\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Levels(MomentsAggregator):\n"
        "    levels: tuple[float, ...] = ()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    its = found("levels", {"name": "levels_of_tests:Levels", "levels": [1.0, 2.0]})
    assert list(its) == ["levels"]


@dataclass(frozen=True)
class Bad:
    section: Mapping[str, Any]
    said: str


@pytest.mark.parametrize(
    "bad",
    [
        Bad({"name": "gmmm"}, "did you mean 'gmm'"),
        Bad({"name": ["gmm"]}, "name must be a text"),
        Bad({"n_component": 3}, "did you mean 'n_components'"),
        Bad({"n_component": [3]}, "did you mean 'n_components'"),
        Bad({"n_components": []}, "must name a value"),
        Bad({"n_components": [0]}, "at least 1"),
    ],
    ids=lambda bad: bad.said,
)
def test_refuses_what_is_no_plugin(bad: Bad) -> None:
    with pytest.raises(SettingsError, match=bad.said):
        found("gmm", bad.section)


def releases(value: Any) -> list[tuple[str, Release]]:
    return list(swept_releases(value, Release(min_windows=2, bits=16), where="file.release"))


def test_a_release_says_what_is_otherwise_than_in_the_file() -> None:
    assert releases({}) == [("", Release(min_windows=2, bits=16))]
    assert releases({"bits": 8}) == [("", Release(min_windows=2, bits=8))]


def test_releases_in_a_list_are_told_in_the_label() -> None:
    assert releases([{"bits": 32}, {"bits": 8, "min_windows": 1}]) == [
        (" bits=32", Release(min_windows=2, bits=32)),
        (" bits=8 min_windows=1", Release(min_windows=1, bits=8)),
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "file.release: a list .* must name a value"),
        (8, r"file.release: expected a table such as \{bits = 8\}, got 8"),
        ([8], "file.release: expected a table"),
        ({"bit": 8}, "file.release: .*did you mean 'bits'"),
        ({"bits": [8, 16]}, "file.release.bits: expected int"),
        ({"bits": 4}, "file.release: release: bits must be 32, 16 or 8, got 4"),
    ],
)
def test_refuses_what_is_no_release(value: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        releases(value)
