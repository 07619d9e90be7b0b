import importlib
import shutil
from pathlib import Path

import pytest

import fedasc
from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.comparison.shared import SharedAggregator
from fedasc.study import code


@pytest.mark.parametrize(
    ("file", "matters"),
    [
        ("models/training_kernel.py", True),
        ("study/point.py", True),
        ("comparison/outcome.py", True),
        ("seeds.py", True),
        ("report/plots.py", False),
        ("cli/terminal.py", False),
    ],
)
def test_changes_with_code_that_makes_numbers(
    file: str, matters: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = code.code_fingerprint.__wrapped__()
    assert before == code.code_fingerprint.__wrapped__()
    copy = tmp_path / "fedasc"
    shutil.copytree(Path(fedasc.__file__).parent, copy)
    monkeypatch.setattr(fedasc, "__file__", str(copy / "__init__.py"))
    assert code.code_fingerprint.__wrapped__() == before
    with (copy / file).open("a") as source:
        source.write("\n")
    assert (code.code_fingerprint.__wrapped__() != before) == matters


def test_changes_with_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code.code_fingerprint.__wrapped__()
    monkeypatch.setattr(code, "version", lambda library: "99")
    assert code.code_fingerprint.__wrapped__() != before


def test_the_text_of_others_plugins_counts_and_of_nested_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "from dataclasses import dataclass\n"
        "from fedasc.aggregators.moments import MomentsAggregator\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Mine(MomentsAggregator):\n"
        "    pass\n"
    )
    path = tmp_path / "mine_of_tests.py"
    path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    mine: Aggregator = importlib.import_module("mine_of_tests").Mine()
    before = code.description(mine), code.description(SharedAggregator(inner=mine))
    path.write_text(text + "# a change\n")
    after = code.description(mine), code.description(SharedAggregator(inner=mine))
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert "source" not in str(code.description(GmmAggregator())[1])
    assert code.description(GmmAggregator())[1] == {}, "fedasc's own code counts as a whole"
