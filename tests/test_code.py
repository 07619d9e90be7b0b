import importlib
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from fedasc import sources
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.code import Code, code_of, modules_of
from fedasc.errors import SettingsError
from fedasc.experiments.cached_aggregator import CachedAggregator
from fedasc.models.committee import CommitteeSettings
from fedasc.models.ensemble import EnsembleSettings

PLUGIN = """
from dataclasses import dataclass
import sklearn
from fedasc.aggregators.moments import MomentsAggregator
@dataclass(frozen=True, kw_only=True)
class Mine(MomentsAggregator):
    pass
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of somebody's aggregator."""
    path = tmp_path / "mine_of_tests.py"
    path.write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    return path


def test_modules_are_those_of_nested_values_too() -> None:
    shared = CachedAggregator(inner=GmmAggregator())
    assert {"fedasc.experiments.cached_aggregator", "fedasc.aggregators.gmm"} <= {
        *modules_of(shared)
    }
    committee = CommitteeSettings(members=(EnsembleSettings(),))
    assert modules_of(committee, None, (1, "a")) == (
        "fedasc.models.committee",
        "fedasc.models.ensemble",
    )


def test_other_peoples_modules_count_with_what_they_import(plugin: Path) -> None:
    mine: Aggregator = importlib.import_module("mine_of_tests").Mine()

    def codes() -> list[Code]:
        nested = CachedAggregator(inner=mine)
        return [code_of(modules_of(mine)), code_of(modules_of(nested))]

    before = codes()
    assert all(list(its.others) == ["mine_of_tests"] for its in before)
    assert all("scikit-learn" in its.versions for its in before)
    assert before[0].digest == code_of(["fedasc.aggregators.moments"]).digest
    plugin.write_text(f"# A comment.\n{PLUGIN}\n")
    assert codes() == before
    plugin.write_text(f"{PLUGIN}    x = 1\n")
    assert all(one.others != other.others for one, other in zip(codes(), before, strict=True))


def test_neighbours_in_a_package_count_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "lab_of_tests"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "mine.py").write_text("from .shared import FACTOR\n")
    (folder / "shared.py").write_text("FACTOR = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = code_of(["lab_of_tests.mine"])
    assert {*before.others} == {f"lab_of_tests{name}" for name in ("", ".mine", ".shared")}
    (folder / "shared.py").write_text("FACTOR = 2\n")
    assert code_of(["lab_of_tests.mine"]) != before


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"nobody\.here: its text is needed"):
        code_of(["nobody.here"])
    with pytest.raises(SettingsError, match=r"fedasc\.nobody: its text is needed"):
        code_of(["fedasc.nobody"])


def test_comments_docstrings_and_lines_do_not_count_but_all_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest(text: str) -> str:
        root = tmp_path / str(len(list(tmp_path.iterdir())))
        root.mkdir()
        (root / "mine.py").write_text(text)
        monkeypatch.setattr(sources, "ROOT", root)
        return code_of(["fedasc.mine"]).digest

    plain = digest("def f(x: int = 1) -> int:\n    return x + 1\n")
    assert plain == digest(
        '"""A module."""\n\n\ndef f(\n    x: int = 1,  # a number\n) -> int:\n'
        '    """Add."""\n    return (x + 1)\n"""Said."""\n'
    )
    assert plain != digest("def f(x: int = 2) -> int:\n    return x + 1\n")
    assert plain != digest("def f(x: int = 1) -> int:\n    return x + 2\n")


def test_versions_are_those_that_are_installed() -> None:
    versions = code_of(["fedasc.audio.ams"]).versions
    assert versions["numpy"] == importlib.import_module("numpy").__version__
    assert versions["python"] == platform.python_version()
    assert "torch" not in versions
    assert "torch" in code_of(["fedasc.models.deep_sets"]).versions


def test_finding_the_code_imports_none_of_it() -> None:
    program = (
        "import sys; from fedasc.code import code_of; code_of(['fedasc.models.mobilenet']); "
        "sys.exit('torch' in sys.modules)"
    )
    assert code_of(["fedasc.models.mobilenet"]).versions["torchvision"]
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
