"""Fixtures of all tests."""

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from fedasc import cpus
from fedasc.corpus.clips import CHECKSUMS, CLIP_SAMPLES, ClipFile, checksums_of
from tests.drawings import as_dots, as_pixels, as_vectors

hypothesis.settings.register_profile("fedasc", deadline=None)
hypothesis.settings.load_profile("fedasc")


FLOWER = Path(__file__).parent / "flower"


def pytest_configure() -> None:
    """Work that doesn't say in how many processes is done in one, before anything looks.

    To start others takes seconds, tests run side by side as it is, and no bit depends on it.
    """
    cpus._bound_to = lambda: 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the adapter go through Flower, beside those elsewhere that say so."""
    for item in items:
        if item.path.is_relative_to(FLOWER):
            item.add_marker("flower")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache of tests that are marked so."""
    return tmp_path_factory.mktemp("shared") / "cache"


@pytest.fixture(autouse=True)
def cache(
    request: pytest.FixtureRequest, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An empty cache for each test, or the shared one."""
    marker = request.node.get_closest_marker("cache")
    folder = shared if marker and marker.args == ("shared",) else tmp_path / "cache"
    monkeypatch.setenv("FEDASC_CACHE", str(folder))
    return folder


@pytest.fixture(autouse=True)
def swept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ray leaves sockets open: they are closed here, where it warns nobody, not in a later test."""
    yield
    if request.node.get_closest_marker("ray"):
        gc.collect()


@pytest.fixture(autouse=True, scope="session")
def few_drawings() -> Iterator[None]:
    """Figures aren't drawn but where a test asks for `pixels` or `vectors`."""
    with as_dots():
        yield


@pytest.fixture
def pixels() -> Iterator[None]:
    """Figures are drawn as PNG."""
    with as_pixels():
        yield


@pytest.fixture
def vectors() -> Iterator[None]:
    """Figures are drawn as PNG, PDF and SVG."""
    with as_vectors():
        yield


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> ClipFile:
    """Twenty clips of noise, each at a level of its own."""
    samples = np.random.default_rng(10).normal(size=(20, CLIP_SAMPLES))
    samples *= np.linspace(300, 3000, 20)[:, None]
    path = tmp_path_factory.mktemp("clips") / "samples.i16"
    content = np.rint(samples).astype("<i2").tobytes()
    path.write_bytes(content)
    path.with_name(CHECKSUMS).write_bytes(np.array(checksums_of(content), "<u4").tobytes())
    return ClipFile(path, len(samples))
