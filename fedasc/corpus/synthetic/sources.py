"""The spectral side of a synthetic recording: coloured noise, harmonic tones, filters and rooms."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft

from fedasc.arithmetic.functions import cos_sin, exp
from fedasc.arithmetic.powers import LOG_10, exp_in_single, log2
from fedasc.arithmetic.spectra import spectral_product
from fedasc.audio import FloatArray
from fedasc.corpus.synthetic.envelopes import (
    N_CONTROL,
    N_SAMPLES,
    RATE_HZ,
    Samples,
    amplitude,
    upsampled,
)

Peak = tuple[float, float, float]
"""A resonance: frequency in Hz, width in octaves, height in dB."""

_TABLE = 2048
_HIGHEST_HZ = 7500.0
_FREQUENCIES_HZ = np.maximum(np.fft.rfftfreq(N_SAMPLES, 1 / RATE_HZ), 1.0).astype(np.float32)


@cache
def _octaves() -> Samples:
    """(N_SAMPLES // 2 + 1,) how far each frequency lies above 1 kHz."""
    return log2(_FREQUENCIES_HZ / 1000).astype(np.float32)


def unit(signal: Samples) -> Samples:
    """A signal brought to an rms of 1; silence stays silent."""
    rms = np.sqrt(np.mean(signal**2))
    return np.asarray(signal / rms if rms > 0 else signal, np.float32)


def blend(*parts: tuple[Samples, float]) -> Samples:
    """Sum of signals, each brought to its own level.

    Args:
        parts: Pairs of a signal and its rms in dB; only differences matter.
    """
    mixed = np.zeros(N_SAMPLES, np.float32)
    for signal, level_db in parts:
        mixed += unit(signal) * np.float32(amplitude(level_db))
    return mixed


def _response(slope_db: float, low_hz: float, high_hz: float, peaks: Sequence[Peak]) -> Samples:
    """(N_SAMPLES // 2 + 1,) magnitude of the filter that `filtered` describes."""
    above = _octaves()
    level_db = slope_db * above
    for hz, octaves, height_db in peaks:
        level_db += height_db * exp(-(((above - log2(hz / 1000)) / octaves) ** 2))
    gain = exp_in_single(np.float32(LOG_10 / 20) * level_db)
    rise, fall = np.square(low_hz / _FREQUENCIES_HZ), np.square(_FREQUENCIES_HZ / high_hz)
    gain /= (1 + rise) * (1 + np.square(fall))
    return np.asarray(gain, np.float32)


def filtered(
    signal: Samples,
    *,
    slope_db: float = 0.0,
    low_hz: float = 30.0,
    high_hz: float = _HIGHEST_HZ,
    peaks: Sequence[Peak] = (),
) -> Samples:
    """A signal through a zero-phase filter, wrapped round at the ends.

    Args:
        signal: (N_SAMPLES,).
        slope_db: Slope of the response per octave.
        low_hz: Where a roll-off of 12 dB per octave begins downwards.
        high_hz: Where a roll-off of 24 dB per octave begins upwards.
        peaks: Resonances.
    """
    return np.asarray(irfft(rfft(signal) * _response(slope_db, low_hz, high_hz, peaks), N_SAMPLES))


def coloured(
    rng: Generator,
    *,
    slope_db: float = 0.0,
    low_hz: float = 30.0,
    high_hz: float = _HIGHEST_HZ,
    peaks: Sequence[Peak] = (),
) -> Samples:
    """Gaussian noise of unit rms, its spectrum shaped as by `filtered`."""
    gain = _response(slope_db, low_hz, high_hz, peaks)
    draws = rng.standard_normal(2 * len(gain), dtype=np.float32).view(np.complex64)
    return unit(irfft(draws * gain, N_SAMPLES))


def partials(n: int, *, slope_db: float = -6.0, even: float = 1.0) -> FloatArray:
    """(n,) amplitudes of a harmonic series.

    Args:
        n: Number of partials.
        slope_db: Slope per octave.
        even: Factor on the even partials; 0 sounds hollow.
    """
    order = np.arange(1, n + 1)
    return np.where(order % 2 == 0, even, 1.0) * amplitude(slope_db * log2(order))


def harmonic(frequency_hz: ArrayLike, amplitudes: FloatArray, *, start: float = 0.0) -> Samples:
    """A harmonic tone of unit rms, read from a table of one period.

    Args:
        frequency_hz: Fundamental, constant or (N_CONTROL,).
        amplitudes: (n_partials,); those that could pass 7.5 kHz are left out.
        start: Phase of the first sample, in periods.
    """
    frequency = np.asarray(frequency_hz, float)
    n_partials = max(1, min(len(amplitudes), int(_HIGHEST_HZ / frequency.max())))
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex64)
    orders = np.arange(1, n_partials + 1)
    cosines, sines = cos_sin(orders**2 * 0.7)
    spectrum.real[orders] = amplitudes[:n_partials] * cosines
    spectrum.imag[orders] = amplitudes[:n_partials] * sines
    table = unit(irfft(spectrum, _TABLE))
    steps = upsampled(np.broadcast_to(frequency, (N_CONTROL,))).astype(np.float64)
    position = np.cumsum(steps * (_TABLE / RATE_HZ)) + start * _TABLE
    return np.asarray(table[position.astype(np.int64) % _TABLE])


def reverberated(rng: Generator, signal: Samples, *, decay_s: float, wet: float) -> Samples:
    """A signal in a room: a tail of decaying noise (60 dB in `decay_s`), `wet` by energy."""
    times = np.arange(int(0.7 * decay_s * RATE_HZ)) / RATE_HZ
    tail = rng.standard_normal(len(times)) * exp(-6.9 * times / decay_s)
    tail *= np.sqrt(wet / np.sum(tail**2))
    tail[0] += np.sqrt(1 - wet)
    # SciPy's convolution would multiply the spectra by NumPy's complex product.
    length = next_fast_len(len(signal) + len(tail) - 1, real=True)
    spectrum, response = (
        np.asarray(rfft(part.astype(np.float32), length), np.complex64) for part in (signal, tail)
    )
    spectral_product(spectrum, response)
    return np.asarray(irfft(spectrum, length)[:N_SAMPLES])
