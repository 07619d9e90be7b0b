"""Fixtures of all tests."""

import gc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from matplotlib.figure import Figure

from fedasc.corpus.clips import CHECKSUMS, CLIP_SAMPLES, ClipFile, checksums_of
from fedasc.report import figures

hypothesis.settings.register_profile("fedasc", deadline=None)
hypothesis.settings.load_profile("fedasc")


FLOWER = Path(__file__).parent / "flower"
_VECTORS = figures.vectors


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of the adapter go through Flower, beside those elsewhere that say so."""
    for item in items:
        if item.path.is_relative_to(FLOWER):
            item.add_marker("flower")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for each test."""
    folder = tmp_path / "cache"
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
    """Pictures are drawn once: PDF and SVG hold nothing, but where a test asks for `vectors`."""

    def nothing(figure: Figure) -> dict[str, bytes]:
        return {".pdf": b"", ".svg": b""}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "vectors", nothing)
        yield


@pytest.fixture
def vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDF and SVG are drawn, too."""
    monkeypatch.setattr(figures, "vectors", _VECTORS)


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
