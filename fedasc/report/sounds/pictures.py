"""Small pictures of sounds, as PNG files of 16 colours without any writing."""

import io
from functools import cache

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fedasc.audio import FloatArray, Signal
from fedasc.audio.bank import VECTORS_PER_SEQUENCE

_MAP = "magma"
_N_COLOURS = 16
_FRAME, _HOP, _N_ROWS = 1024, 800, 64
_RANGE_DB = 60.0
_AMS_DB = (-35.0, 5.0)
_CELL = 16


def spectrogram(signal: Signal) -> bytes:
    """Power by time and frequency, the lowest below, in the 60 dB below the strongest.

    Args:
        signal: (n_samples,)

    Returns:
        A picture of 64 rows from 0 Hz to half the sample rate, with a column for every 50 ms at
        16 kHz.
    """
    frames = np.lib.stride_tricks.sliding_window_view(signal, _FRAME)[::_HOP]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32))[:, :-1]) ** 2
    bands = spectra.reshape(len(frames), _N_ROWS, -1).mean(axis=2).T
    levels_db = 10 * np.log10(bands / max(bands.max(), 1e-20) + 1e-12)
    return _picture(levels_db[::-1], -_RANGE_DB, 0.0, cell=1)


def ams_picture(x: FloatArray) -> bytes:
    """AMS features of a window, in the same colours for the same dB in all pictures.

    Args:
        x: (45,) in dB, of five vectors.

    Returns:
        A picture with a column for each vector and a row for each feature, the first one above.
    """
    return _picture(x.reshape(VECTORS_PER_SEQUENCE, -1).T, *_AMS_DB, cell=_CELL)


def _picture(values: FloatArray, low: float, high: float, *, cell: int) -> bytes:
    shares = (values - low) / (high - low)
    places = np.clip(shares * _N_COLOURS, 0, _N_COLOURS - 1).astype(np.uint8)
    image = Image.fromarray(np.kron(places, np.ones((cell, cell), np.uint8)), mode="P")
    image.putpalette(_palette())
    file = io.BytesIO()
    image.save(file, "PNG", bits=4)
    return file.getvalue()


@cache
def _palette() -> list[int]:
    colours: NDArray[np.uint8] = mpl.colormaps[_MAP](
        np.linspace(0, 1, _N_COLOURS), bytes=True
    )  # from dark to light, which a print keeps
    values: list[int] = colours[:, :3].ravel().tolist()
    return values
