"""What compiled loops are kept under."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fedasc.audio import kernels, mixing
from fedasc.models import embedded, forest_kernel, training_kernel
from fedasc.sources import sources


def test_the_text_of_what_is_imported_counts() -> None:
    texts = sources(training_kernel.__name__)
    for module in ("fedasc.models.training_kernel", "fedasc.arithmetic.lanes", embedded.__name__):
        assert texts[module] == Path(sys.modules[module].__file__ or "").read_text("utf-8")
    assert "fedasc.audio" in sources(mixing.__name__), "full scale stands in the package itself"
    assert "fedasc.arithmetic.lanes" in sources(kernels.__name__)
    assert "fedasc.models.training" not in sources(forest_kernel.__name__)


_LOOPS = """
from fedasc.arithmetic.compiled import compiled
from fedasc.{constants} import FACTOR

@compiled
def times(x):
    return FACTOR * x
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package with loops that import a constant by way of another module."""
    source = Path(training_kernel.__file__).parents[1]
    copy = tmp_path / "copy" / "fedasc"
    copy.mkdir(parents=True)
    modules = ("__init__", "errors", "places", "sharing", "sources")
    for name in ("arithmetic", *(f"{module}.py" for module in modules)):
        (copy / name).symlink_to(source / name)
    (copy / "numbers.py").write_text("FACTOR = 2.0\n")
    (copy / "handed_on.py").write_text("from fedasc.numbers import FACTOR as FACTOR\n")
    (copy / "loops.py").write_text(_LOOPS.format(constants="handed_on"))
    return copy


def started(package: Path, cache: Path, code: str, *arguments: str) -> "subprocess.Popen[str]":
    """A process that has the copy, and a cache of compiled code."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(cache)},
        cwd=package.parent,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(package: Path, cache: Path) -> tuple[float, int]:
    """What comes out, and how often that had to be compiled."""
    n_misses = "sum(times.stats.cache_misses.values())"
    code = f"from fedasc.loops import times; print(times(3.0), {n_misses})"
    value, n_compiled = started(package, cache, code).communicate()[0].split()
    return float(value), int(n_compiled)


def test_a_constant_that_changes_elsewhere_is_seen_though_the_cache_is_warm(
    package: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "compiled"
    assert run(package, cache) == (6, 1)
    assert run(package, cache) == (6, 0)
    (package / "numbers.py").write_text("FACTOR = 5.0\n")
    assert run(package, cache) == (15, 1)
    (package / "numbers.py").write_text("FACTOR = 2.0\n")
    assert run(package, cache) == (6, 0)
    elsewhere = tmp_path / "elsewhere" / "fedasc"
    shutil.copytree(package, elsewhere, symlinks=True)
    assert run(elsewhere, cache) == (6, 0), "the same text may stand anywhere"


_SLOWLY = """
import sys, time
from numba.core.caching import IndexDataCacheFile as File
from fedasc.loops import times
write_index, write_data = File._save_index, File._save_data
def write_index_late(*arguments):
    time.sleep(1)  # so that both take the same name
    write_index(*arguments)
def write_data_late(*arguments):
    time.sleep(2 if sys.argv[1] == "int" else 0)
    write_data(*arguments)
File._save_index, File._save_data = write_index_late, write_data_late
print(times(int(3) if sys.argv[1] == "int" else 3.5))
"""

_BOTH = """
from fedasc.loops import times
print(times(3.5), times(3), sum(times.stats.cache_misses.values()))
"""


def test_processes_that_compile_for_different_types_do_not_mix_them_up(
    package: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "compiled"
    both = [started(package, cache, _SLOWLY, kind) for kind in ("int", "float")]
    assert [process.communicate()[0] for process in both] == ["6.0\n", "7.0\n"]
    assert started(package, cache, _BOTH).communicate()[0] == "7.0 6.0 0\n"


def test_where_nothing_can_be_written_loops_are_compiled_all_the_same(
    package: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "a file, no folder"
    nowhere.touch()
    assert run(package, nowhere)[0] == 6


def test_machine_code_is_not_kept_beside_files_that_go_away(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["fedasc.arithmetic.compiled"]
    monkeypatch.setattr(module._config, "CACHE_DIR", "")
    cache.mkdir(mode=0o700)
    monkeypatch.setenv("FEDASC_FLEETING", "1")
    assert module._folder({"some": "text"}).parent == cache / "compiled"
    assert module.is_kept()


def test_machine_code_is_kept_where_nobody_else_can_write(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["fedasc.arithmetic.compiled"]
    own = tmp_path / "own" / "compiled"
    monkeypatch.setattr(module, "user_root", lambda: own.parent)
    cache.mkdir()
    cache.chmod(0o755)
    assert list(module._kept()) == [cache / "compiled", own]
    assert [folder.stat().st_mode & 0o777 for folder in (cache / "compiled", own)] == [0o700] * 2
    for shared in (0o775, 0o757):
        cache.chmod(shared)
        assert list(module._kept()) == [own]
    monkeypatch.setattr(module, "user_root", lambda: Path(__file__))
    assert list(module._kept()) == []
