"""What a change of the code makes anew, and what it leaves."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fedasc import code, sources
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.kmeans import KMeansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.cache import CacheEntry
from fedasc.code import code_of, modules_of
from fedasc.corpus.pool import pool_entry
from fedasc.corpus.synthetic import SyntheticCorpus
from fedasc.models.committee import CommitteeSettings
from fedasc.models.deep_sets import DeepSetsSettings
from fedasc.models.ensemble import EnsembleSettings
from fedasc.models.mobilenet import MobileNetSettings
from fedasc.models.teacher import TeacherSettings
from fedasc.probes.certainty import CertaintyProbe
from fedasc.shelves import (
    BANKS,
    CELL,
    CONTENT,
    FEATURES,
    POOL,
    SHELVES,
    TEACHER,
    TRAINING,
    WORLD,
)
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.personalised import PersonalisedStrategy

pytestmark = pytest.mark.cache("shared")  # which modules say what needs no second look

MEMBERS: Mapping[str, TeacherSettings] = {
    "ensemble": EnsembleSettings(),
    "deep sets": DeepSetsSettings(),
}
TEACHERS: Mapping[str, TeacherSettings] = {
    **MEMBERS,
    "committee": CommitteeSettings(members=tuple(MEMBERS.values())),
    "c2": MobileNetSettings(),
}


def entries() -> Mapping[str, CacheEntry]:
    """An entry of each shelf as a run has them, and some more, by names for these tests."""
    pool = pool_entry(SyntheticCorpus())
    worlds = {
        name: WORLD.entry(pool, by=modules_of(TEACHERS[name])) for name in ("committee", "ensemble")
    }
    gmm, own = modules_of(GmmAggregator()), modules_of(NoStrategy())
    probe = [*modules_of(CertaintyProbe()), "fedasc.probes.sight"]
    return {
        "pool": pool,
        "pool of files": POOL.entry(by=["fedasc.corpus.manifest"]),
        "features": FEATURES.entry(pool),
        "training": TRAINING.entry(pool),
        "banks": BANKS.entry(pool),
        **{name: TEACHER.entry(by=modules_of(its)) for name, its in TEACHERS.items()},
        **{
            name: CONTENT.entry(by=modules_of(its))
            for name, its in {
                "gmm": GmmAggregator(),
                "kmeans": KMeansAggregator(),
                "self-trained": SelfTrainedAggregator(),
            }.items()
        },
        "world": worlds["committee"],
        "world of ensemble": worlds["ensemble"],
        "cell": CELL.entry(worlds["ensemble"], by=[*gmm, *own]),
        "retraining": CELL.entry(
            worlds["committee"], by=[*gmm, *modules_of(PersonalisedStrategy())]
        ),
        "looked into": CELL.entry(worlds["ensemble"], by=[*gmm, *own, *probe]),
    }


def keys() -> dict[str, str]:
    return {name: entry.key for name, entry in entries().items()}


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], set[str]]:
    """Tells what is made anew when a module of a copy of the package gets further text."""
    before = keys()

    def change(module: str, text: str) -> set[str]:
        copy = tmp_path / "fedasc"
        shutil.copytree(sources.ROOT, copy, ignore=shutil.ignore_patterns("*.n*", "*.pyc"))
        file = copy / f"{module}.py"
        file.write_text(file.read_text() + text)
        monkeypatch.setattr(sources, "ROOT", copy)
        return {name for name, key in keys().items() if key != before[name]}

    return change


CELLS = {"cell", "retraining", "looked into"}
MADE_OF_WORLDS = {"world", "world of ensemble", *CELLS}
HEARD = {"features", "training", "banks", *MADE_OF_WORLDS}


@pytest.mark.parametrize(
    ("module", "anew"),
    [
        ("corpus/builders/fsd50k", set()),
        ("corpus/builders/build", set()),
        ("audio/kernels", HEARD),
        ("corpus/windows", HEARD),
        ("corpus/decoding", {"pool", "pool of files", *HEARD}),
        ("corpus/synthetic/nature", {"pool", *HEARD}),
        ("audio/files", {"pool of files"}),
        ("corpus/splits", {"banks", *MADE_OF_WORLDS}),
        ("corpus/training", {"training", *MADE_OF_WORLDS}),
        ("population/drift", MADE_OF_WORLDS),
        ("models/deep_sets_kernel", {"deep sets", "committee", "world", "retraining"}),
        ("models/forest_kernel", {"ensemble", "committee", *MADE_OF_WORLDS}),
        ("models/mobilenet", {"c2"}),
        ("models/training_kernel", {"banks", "self-trained", *MADE_OF_WORLDS}),
        ("aggregators/kmeans", {"kmeans"}),
        ("aggregators/gmm", {"gmm", *MADE_OF_WORLDS}),
        ("strategies/none", {"cell", "looked into"}),
        ("strategies/retraining", {"retraining", "looked into"}),
        ("night", CELLS),
        ("experiments/record", CELLS),
        ("probes/certainty", {"looked into"}),
        ("experiments/design", set()),
        ("settings", set()),
        ("errors", set()),
        ("cache", set()),
        ("cli/terminal", set()),
        ("report/plots", set()),
        ("flower/engine", set()),
    ],
)
def test_a_line_makes_anew_what_it_feeds_and_nothing_else(
    module: str, anew: set[str], changed: Callable[[str, str], set[str]]
) -> None:
    assert changed(module, "\n_FURTHER = 1\n") == anew


@pytest.mark.parametrize("module", ["corpus/builders/fsd50k", "audio/kernels", "corpus/decoding"])
def test_a_comment_or_a_docstring_makes_nothing_anew(
    module: str, changed: Callable[[str, str], set[str]]
) -> None:
    assert changed(module, '\n\n# A comment.\n"""A text."""\n') == set()


@pytest.mark.parametrize(
    ("library", "anew", "stays"),
    [
        ("python", {*entries()}, set()),
        ("numpy", {*entries()}, set()),
        ("numba", {"pool", *HEARD}, set()),
        (
            "scikit-learn",
            {"ensemble", "committee", "banks", "world", "retraining"},
            {"pool", "features", "training", "gmm", "deep sets"},
        ),
        (
            "torch",
            {"deep sets", "committee", "c2", "world", "retraining"},
            {"pool", "features", "training", "gmm", "banks"},
        ),
        ("soxr", {"pool of files"}, {*entries()} - {"pool of files"}),
    ],
)
def test_another_version_of_a_library_makes_anew_what_it_computes(
    library: str, anew: set[str], stays: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = keys(), code.installed
    monkeypatch.setattr(code, "installed", lambda name: "99" if name == library else real(name))
    changed = {name for name, key in keys().items() if key != before[name]}
    assert anew <= changed
    assert not stays & changed


def test_each_shelf_names_modules_that_there_are() -> None:
    for shelf in SHELVES.values():
        assert code_of(shelf.made_by, without=shelf.without).digest
        assert all(sources.sources(module) for module in shelf.without)
        assert {*shelf.needs} <= {*SHELVES}
