"""What compiled loops are kept under."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fedasc.arithmetic.compiled import sources
from fedasc.audio import kernels, mixing
from fedasc.models import embedded, forest_kernel, training_kernel


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
    for name in ("__init__.py", "arithmetic", "cache.py"):
        (copy / name).symlink_to(source / name)
    (copy / "numbers.py").write_text("FACTOR = 2.0\n")
    (copy / "handed_on.py").write_text("from fedasc.numbers import FACTOR as FACTOR\n")
    (copy / "loops.py").write_text(_LOOPS.format(constants="handed_on"))
    return copy


def run(package: Path, cache: Path) -> tuple[float, int]:
    """What comes out, and how often that had to be compiled."""
    code = (
        "from fedasc.loops import times; print(times(3.0), sum(times.stats.cache_misses.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(package.parent), "NUMBA_CACHE_DIR": str(cache)},
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    value, n_compiled = done.stdout.split()
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


def test_where_nothing_can_be_written_loops_are_compiled_all_the_same(
    package: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "a file, no folder"
    nowhere.touch()
    assert run(package, nowhere)[0] == 6
