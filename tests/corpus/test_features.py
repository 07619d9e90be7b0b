import numpy as np
import pytest

from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.features import listen
from fedasc.corpus.library import Material
from fedasc.corpus.pool import ClipFile
from fedasc.corpus.windows import Windows, draw_windows, render

BANK = FilterBank()


@pytest.fixture
def windows(rng: np.random.Generator) -> Windows:
    """More than are listened to at once."""
    material = Material(noise=np.arange(6), music=np.arange(6, 12), speech=np.arange(12, 20))
    return draw_windows(material, 19, shares=[0.25] * 4, rng=rng)


def test_features_are_those_of_each_rendered_window_alone(
    clips: ClipFile, windows: Windows
) -> None:
    x = listen(BANK, clips, windows, gain_db=-4)
    assert x.shape == (19, 45)
    assert x.dtype == np.float32
    for i, signal in enumerate(render(clips, windows, gain_db=-4)):
        alone = ams_vectors(BANK, signal[None]).reshape(45)
        np.testing.assert_array_equal(x[i], alone.astype(np.float32))


def test_features_agree_with_scipy(clips: ClipFile, windows: Windows) -> None:
    some = windows[:3]
    expected = [reference_vectors(BANK, signal).reshape(45) for signal in render(clips, some)]
    np.testing.assert_allclose(listen(BANK, clips, some), expected, rtol=0, atol=0.01)


def test_progress_counts_windows(clips: ClipFile, windows: Windows) -> None:
    seen: list[tuple[int, int]] = []
    listen(BANK, clips, windows, progress=lambda _, done, total: seen.append((done, total)))
    assert seen == [(16, 19), (19, 19)]
