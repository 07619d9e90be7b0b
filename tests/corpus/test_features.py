from dataclasses import replace

import numpy as np
import pytest

from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import Microphone
from fedasc.audio.reference import reference_vectors
from fedasc.corpus.clips import ClipFile
from fedasc.corpus.features import Pickup, listen
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
    x = listen(BANK, clips, windows, pickup=Pickup(microphone=microphone))
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
    x = listen(BANK, clips, some, pickup=Pickup(microphone=Microphone(gain_db=gain_db)))
    np.testing.assert_allclose(x, expected, rtol=0, atol=0.01)


def test_a_microphone_is_ideal_unless_one_is_given(clips: ClipFile, windows: Windows) -> None:
    ideal = [ams_vectors(BANK, signal[None]).reshape(45) for signal in render(clips, windows[:3])]
    x = listen(BANK, clips, windows[:3])
    np.testing.assert_array_equal(x, np.array(ideal, np.float32))


def test_windows_have_the_level_of_their_clip_and_noise_by_their_number(
    clips: ClipFile, windows: Windows
) -> None:
    """Calibration of speech, where it is mixed with noise, since it keeps its level."""
    microphone = Microphone(self_noise_db_spl=50, clipping_db_spl=95, calibration_db_spl=85)
    full_scale = [None if clip % 3 == 0 else 80.5 + clip for clip in range(20)]
    pickup = Pickup(
        microphone=microphone, full_scale_db_spl=full_scale, noise=np.random.default_rng
    )
    x = listen(BANK, clips, windows, pickup=pickup)
    assert {full_scale[clip] is None for clip in windows.clip[windows.noise >= 0]} == {True, False}
    for number in range(0, len(windows), 5):
        (signal,) = render(clips, windows[number : number + 1])
        heard = microphone.hear(
            signal,
            full_scale_db_spl=full_scale[windows.clip[number]],
            noise=np.random.default_rng(number),
        )
        alone = ams_vectors(BANK, heard[None]).reshape(45)
        np.testing.assert_array_equal(x[number], alone.astype(np.float32))
    bare = replace(pickup, full_scale_db_spl=())
    changed = (listen(BANK, clips, windows, pickup=bare) != x).any(axis=1)
    assert changed.tolist() == [full_scale[clip] is not None for clip in windows.clip]


def test_progress_counts_windows(clips: ClipFile, windows: Windows) -> None:
    seen: list[tuple[int, int]] = []
    listen(BANK, clips, windows, progress=lambda _, done, total: seen.append((done, total)))
    assert seen == [(32, 45), (45, 45)]
