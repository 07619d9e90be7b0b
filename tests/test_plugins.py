import sys
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

import fedasc.plugins
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.errors import SettingsError
from fedasc.models.self_training import SelfTraining
from fedasc.plugins import as_section, find
from fedasc.release.release import Release
from fedasc.settings import Settings, settings_of
from fedasc.strategies.class_mixtures import ClassMixturesStrategy
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.strategy import Strategy

OURS = """
from dataclasses import dataclass, field
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.aggregator import Aggregator

@dataclass(frozen=True, kw_only=True)
class Mine(GmmAggregator):
    extra: int = 3

@dataclass(frozen=True, kw_only=True)
class Around(GmmAggregator):
    inner: Aggregator = field(default_factory=GmmAggregator)

@dataclass(frozen=True, kw_only=True)
class Unfinished(Aggregator):
    kind = GmmAggregator.kind

class Plain(Aggregator):
    kind = GmmAggregator.kind
    def summarise(self, stream, *, classifier, public, seed): ...
    def budget(self, n_windows): ...

@dataclass(kw_only=True)
class Changeable(Aggregator):
    kind = GmmAggregator.kind
    def summarise(self, stream, *, classifier, public, seed): ...
    def budget(self, n_windows): ...

@dataclass(frozen=True, kw_only=True)
class Stranger:
    extra: int = 3

VALUE = 3
"""


def aggregator_of(name: str) -> type[Aggregator]:
    return find(Aggregator, name)  # type: ignore[type-abstract]


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Modules and their path are left as they were."""
    modules = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "ideas"
    folder.mkdir()
    path = folder / "my_own_idea.py"
    path.write_text(OURS)
    return path


@pytest.mark.parametrize("name", Aggregator.family.builtin)
def test_own_ones_are_found_by_name_and_know_it(name: str) -> None:
    found = aggregator_of(name)
    assert found().name == name


def test_the_usual_one_needs_no_name() -> None:
    assert Aggregator.from_section({}, where="x") == GmmAggregator()
    assert Aggregator.from_section({"n_components": 4}, where="x") == GmmAggregator(n_components=4)


def test_another_one_is_found_in_a_module() -> None:
    target = "fedasc.aggregators.scene_gaussians:SceneGaussiansAggregator"
    assert aggregator_of(target) is SceneGaussiansAggregator


@pytest.mark.parametrize("ending", [".py", ""])
def test_another_one_is_found_in_a_file(file: Path, ending: str) -> None:
    found = aggregator_of(f"{file.with_suffix(ending)}:Mine")
    assert issubclass(found, GmmAggregator)
    own = found.from_section({"name": f"{file}:Mine", "extra": 5}, where="x")
    assert own.name == f"{file}:Mine"
    assert aggregator_of(own.name) is found
    assert aggregator_of("my_own_idea:Mine") is found, "other processes find it by its module"


def test_a_file_is_found_from_where_one_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert aggregator_of("my_own_idea:Mine").__name__ == "Mine"
    assert aggregator_of("./my_own_idea.py:Mine") is aggregator_of("my_own_idea:Mine")


def test_a_file_hides_no_other_module(file: Path) -> None:
    aggregator_of(f"{file}:Mine")
    aggregator_of(f"{file}:Mine")
    assert sys.path[-1] == str(file.parent)
    assert sys.path.count(str(file.parent)) == 1


def test_other_distributions_bring_theirs_along(monkeypatch: pytest.MonkeyPatch) -> None:
    target = "fedasc.aggregators.scene_gaussians:SceneGaussiansAggregator"

    def points(*, group: str) -> list[EntryPoint]:
        return [EntryPoint("outside", target, group)] if group == "fedasc.aggregators" else []

    monkeypatch.setattr(fedasc.plugins, "entry_points", points)
    assert aggregator_of("outside") is SceneGaussiansAggregator
    with pytest.raises(SettingsError, match="did you mean 'outside'"):
        aggregator_of("outsied")
    with pytest.raises(SettingsError, match="no strategy 'outside'"):
        find(Strategy, "outside")  # type: ignore[type-abstract]


def test_own_names_are_taken() -> None:
    """No distribution can put something else in their place."""
    assert "gmm" in Aggregator.family.builtin
    assert aggregator_of("gmm") is GmmAggregator


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("stepwise_em", "no aggregator 'stepwise_em'; did you mean 'stepwise-em'?"),
        ("xyzzy", "known are gmm, answered, moments, .*package.module:Class or path/file.py:Class"),
        ("fedasc.aggregators.gmm", "no aggregator 'fedasc.aggregators.gmm'"),
        ("fedasc.aggregators.gmm:Gmm", "has no class 'Gmm' that derives from"),
        ("fedasc.strategies.none:NoStrategy", "derives from fedasc.aggregators.aggregator:Aggr"),
        ("fedasc.nowhere:Mine", "can't be imported .*fedasc.nowhere"),
        ("fedasc.aggregators.aggregator:Aggregator", "frozen dataclass that has every abstract"),
    ],
)
def test_what_is_not_there_is_told_with_the_cure(name: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        aggregator_of(name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("class_name", "told"),
    [
        ("Unfinished", "every abstract method of fedasc.aggregators.aggregator:Aggregator"),
        ("Plain", "must be a frozen dataclass"),
        ("Changeable", "must be a frozen dataclass"),
        ("Stranger", "derives from fedasc.aggregators.aggregator:Aggregator"),
        ("VALUE", "has no class 'VALUE'"),
        ("Missing", "has no class 'Missing'"),
    ],
)
def test_a_class_that_is_no_plug_in_is_refused(file: Path, class_name: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        aggregator_of(f"{file}:{class_name}")


@pytest.mark.parametrize("name", ["nowhere.py:Mine", "nowhere/idea:Mine"])
def test_a_missing_file_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere.* no such file"):
        aggregator_of(f"{tmp_path}/{name}")


@pytest.mark.parametrize("other", ["numpy.py", "config.py"])
def test_a_file_with_the_name_of_another_module_is_refused(tmp_path: Path, other: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder in ("a", "b"):
        (tmp_path / folder / other).write_text(OURS)
    if other == "config.py":
        aggregator_of(f"{tmp_path / 'a' / other}:Mine")
    with pytest.raises(SettingsError, match=rf"another module is called '{other[:-3]}'; rename"):
        aggregator_of(f"{tmp_path / 'b' / other}:Mine")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nothing_like_this", "No module named 'nothing_like_this'"),
        ("1 / 0", "division by zero"),
        ("class Mine(", "was never closed"),
    ],
)
def test_a_file_that_fails_is_told_in_a_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "broken_idea.py"
    path.write_text(text)
    with pytest.raises(SettingsError, match=rf"broken_idea.*can't be imported \(.*{told}") as found:
        aggregator_of(f"{path}:Mine")
    assert "\n" not in str(found.value)


def test_settings_of_a_plug_in_are_checked(file: Path) -> None:
    def build(**section: Any) -> Aggregator:
        return Aggregator.from_section({"name": f"{file}:Mine", **section}, where="my.toml")

    assert build(extra=7, n_components=2).n_components == 2  # type: ignore[attr-defined]
    with pytest.raises(SettingsError, match=r"my.toml '.*Mine'.*did you mean 'extra'"):
        build(extar=7)
    with pytest.raises(SettingsError, match="extra"):
        build(extra="seven")
    with pytest.raises(SettingsError, match="n_components"):
        build(n_components=0)


def test_annotations_may_be_postponed_and_values_missing(tmp_path: Path) -> None:
    """As files are often written outside."""
    path = tmp_path / "postponed_idea.py"
    text = OURS.replace("extra: int = 3", "extra: int | None = None", 1)
    path.write_text("from __future__ import annotations\n" + text)

    def build(**section: Any) -> Any:
        return Aggregator.from_section({"name": f"{path}:Mine", **section}, where="my.toml")

    assert build().extra is None
    assert build(extra=None, n_components=2).extra is None
    assert build(extra=7).extra == 7
    with pytest.raises(SettingsError, match=r"my.toml .*extra: expected int \| None, got 'x'"):
        build(extra="x")


def test_a_name_must_be_a_text() -> None:
    with pytest.raises(SettingsError, match=r"my.toml: name must be a text, got 3"):
        Aggregator.from_section({"name": 3}, where="my.toml")


def test_a_plug_in_is_a_value() -> None:
    with pytest.raises(FrozenInstanceError):
        GmmAggregator().n_components = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(aggregator=GmmAggregator(n_components=7), release=Release(bits=16)),
        Settings(
            aggregator=SceneGaussiansAggregator(min_windows=2),
            release=Release(min_windows=2),
            strategy=ClassMixturesStrategy(n_epochs=3),
        ),
        settings_of(
            {
                "strategy": {
                    "name": "fedavg",
                    "fine_tuned": True,
                    "training": {"certainty": 0.5, "n_epochs": 3},
                },
                "aggregator": {"name": "self-trained", "training": {"n_epochs": 4}},
            },
            where="x",
        ),
    ],
    ids=lambda settings: settings.strategy.name,
)
def test_settings_can_be_read_again_as_they_were_written(settings: Settings) -> None:
    assert settings_of(as_section(settings), where="settings.json") == settings


def test_a_section_tells_what_is_nested_with_its_name(file: Path) -> None:
    name = f"{file}:Around"
    around = Aggregator.from_section({"name": name, "inner": {"n_components": 7}}, where="x")
    section = as_section(around)
    assert section["name"] == name
    assert section["inner"]["name"] == "gmm"
    assert section["inner"]["n_components"] == 7
    assert Aggregator.from_section(section, where="x") == around
    trained = as_section(FedAvgStrategy(training=SelfTraining(n_epochs=3)))
    assert trained["training"] == {**as_section(SelfTraining()), "n_epochs": 3}


@pytest.mark.parametrize(
    ("inner", "told"),
    [({"name": "gmn"}, "did you mean 'gmm'"), ({"n_componets": 3}, "did you mean 'n_components'")],
)
def test_bad_nested_sections_are_refused_with_the_cure(
    file: Path, inner: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        settings_of({"aggregator": {"name": f"{file}:Around", "inner": inner}}, where="file")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"aggregator": 3}, "file.aggregator: expected a section with a name, got 3"),
        ({"aggregator": {"name": "gmm", "bits": 8}}, "file.aggregator 'gmm'.*bits"),
        ({"aggregator": {"name": "gmn"}}, "did you mean 'gmm'"),
        ({"aggregator": {"name": "gmm", "n_componets": 3}}, "did you mean 'n_components'"),
        ({"release": {"bit": 8}}, "file.release: .*did you mean 'bits'"),
        ({"release": {"bits": 4}}, "file.release: release: bits must be 32, 16 or 8, got 4"),
        ({"strategy": {"name": "clustered", "clusters": 3}}, "did you mean 'n_clusters'"),
        ({"strategy": {"name": "fedavg"}, "aggregator": {"name": "gmm"}}, "needs weights"),
    ],
)
def test_bad_sections_are_refused_with_the_cure(values: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        settings_of(values, where="file")


def test_a_strategy_brings_its_usual_aggregator_along() -> None:
    settings = settings_of({"strategy": {"name": "class-mixtures"}}, where="file")
    assert settings.aggregator == SceneGaussiansAggregator()
    with pytest.raises(SettingsError, match="usually goes aggregator 'scene-gaussians'"):
        settings_of(
            {"strategy": {"name": "class-mixtures"}, "aggregator": {"n_components": 2}},
            where="file",
        )


@dataclass(frozen=True, kw_only=True)
class Nest:
    places: tuple[int, ...] = (1, 2)
    others: dict[str, Any] = field(default_factory=lambda: {"a": GmmAggregator(n_components=2)})


def test_lists_and_tables_are_told_as_such() -> None:
    found = as_section(Nest())
    assert found["places"] == [1, 2]
    assert found["others"]["a"]["name"] == "gmm"
