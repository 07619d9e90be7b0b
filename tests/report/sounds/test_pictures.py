import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fedasc.report.sounds.pictures import ams_picture, spectrogram


def places(picture: bytes) -> NDArray[np.uint8]:
    """Number of the colour of each pixel, from dark to light."""
    image = Image.open(io.BytesIO(picture))
    assert image.mode == "P"
    return np.asarray(image)


def test_a_spectrogram_shows_what_sounds_when() -> None:
    t = np.arange(160_000) / 16_000
    low, high = (np.sin(2 * np.pi * hz * t) for hz in (1000, 6000))
    signal = np.where(t < 5, low, 0.1 * high).astype(np.float32)
    picture = spectrogram(signal)
    shown = places(picture)
    assert shown.shape == (64, 199)
    assert len(picture) < 7000
    early, late = shown[:, 20], shown[:, 180]
    row_hz = 8000 / 64
    assert 64 - 1 - early.argmax() == 1000 // row_hz
    assert 64 - 1 - late.argmax() == 6000 // row_hz
    assert (early.max(), late.max()) == (15, 10)  # 20 of 60 dB softer
    assert early[:10].max() == 0


def test_silence_is_dark() -> None:
    assert places(spectrogram(np.zeros(160_000, np.float32))).max() == 0


def test_an_ams_picture_has_a_column_for_each_vector() -> None:
    x = np.full((5, 9), -35.0, np.float32)
    x[3, 7], x[0, 0], x[4, 8] = 5.0, -15.0, 99.0
    shown = places(ams_picture(x.ravel().astype(np.float64)))
    assert shown.shape == (9 * 16, 5 * 16)
    cells = shown[::16, ::16]
    np.testing.assert_array_equal(shown, np.kron(cells, np.ones((16, 16), np.uint8)))
    assert (cells[7, 3], cells[0, 0], cells[8, 4]) == (15, 8, 15)
    assert np.count_nonzero(cells) == 3
