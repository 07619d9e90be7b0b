import numpy as np
import pytest

from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.features import listen
from fedasc.corpus.library import Deck, Material
from fedasc.corpus.windows import Windows, draw_windows, render

BANK = FilterBank()


@pytest.fixture
def windows(rng: np.random.Generator) -> Windows:
    """More than are listened to at once."""
    decks = [Deck(np.arange(*ends)) for ends in ((0, 6), (6, 12), (12, 20))]
    return draw_windows(Material(*decks), 45, shares=[0.25] * 4, rng=rng)


@pytest.mark.parametrize(
    "microphone", [Microphone(gain_db=-4), Microphone(tilt_db=6), Microphone(gain_db=3, tilt_db=-5)]
)
def test_features_are_those_of_each_rendered_window_alone_through_the_microphone(
    microphone: Microphone, clips: ClipFile, windows: Windows
) -> None:
    x = listen(BANK, clips, windows, microphone=microphone)
    assert x.shape == (45, 45)
    assert x.dtype == np.float32
    for i, signal in enumerate(render(clips, windows)):
        alone = ams_vectors(BANK, microphone.hear(signal)[None]).reshape(45)
        np.testing.assert_array_equal(x[i], alone.astype(np.float32))


@pytest.mark.parametrize("gain_db", [0.0, -6.0, 12.5])
def test_features_agree_with_scipy_at_any_gain(
    gain_db: float, clips: ClipFile, windows: Windows
) -> None:
    some = windows[:3]
    louder = [signal * 10 ** (gain_db / 20) for signal in render(clips, some)]
    expected = [reference_vectors(BANK, signal).reshape(45) for signal in louder]
    x = listen(BANK, clips, some, microphone=Microphone(gain_db=gain_db))
    np.testing.assert_allclose(x, expected, rtol=0, atol=0.01)


def test_a_microphone_is_ideal_unless_one_is_given(clips: ClipFile, windows: Windows) -> None:
    ideal = [ams_vectors(BANK, signal[None]).reshape(45) for signal in render(clips, windows[:3])]
    x = listen(BANK, clips, windows[:3])
    np.testing.assert_array_equal(x, np.array(ideal, np.float32))


def test_progress_counts_windows(clips: ClipFile, windows: Windows) -> None:
    seen: list[tuple[int, int]] = []
    listen(BANK, clips, windows, progress=lambda _, done, total: seen.append((done, total)))
    assert seen == [(32, 45), (45, 45)]
