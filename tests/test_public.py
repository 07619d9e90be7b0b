"""What `import fedasc` offers."""

import ast
import inspect
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import fedasc

HEAVY = "torch flwr ray numba sklearn scipy matplotlib numpy pandas"
IMPORTED = f"""
import sys, time
start = time.perf_counter()
import fedasc
seconds = time.perf_counter() - start
print(seconds, *sys.modules.keys() & set("{HEAVY}".split()))
"""


def test_the_import_costs_nothing() -> None:
    """0.3 s, of which it needs less than a hundredth: the best of three on a busy machine."""
    seconds = []
    for _ in range(3):
        line = [sys.executable, "-c", IMPORTED]
        told = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()
        assert not told[1:]
        seconds.append(float(told[0]))
    assert min(seconds) < 0.3


def test_every_public_name_is_there_and_nothing_else_is_offered() -> None:
    assert set(fedasc.__all__) == set(fedasc._MODULES)
    for name in fedasc.__all__:
        value = getattr(fedasc, name)
        assert value.__module__ == fedasc._MODULES[name]
        assert inspect.getdoc(value)
    assert set(fedasc.__all__) <= set(dir(fedasc))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fedasc.nothing  # noqa: B018


def test_types_are_told_of_the_same_names() -> None:
    tree = ast.parse(inspect.getsource(fedasc))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == fedasc._MODULES


def test_the_package_is_typed() -> None:
    assert (files("fedasc") / "py.typed").is_file()
    project = tomllib.loads(Path("pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["fedasc"]
