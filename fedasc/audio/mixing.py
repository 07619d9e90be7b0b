"""Mixing speech with noise at a given signal-to-noise ratio, from 16 bits as they are stored."""

import numpy as np

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.powers import power
from fedasc.audio import FULL_SCALE, Signal, Stored
from fedasc.errors import AudioError

_UNIT = np.float32(1 / FULL_SCALE)


def turned(stored: Stored, start: int, *, out: Signal | None = None) -> Signal:
    """A recording from one of its samples on; where it ends, it goes on from the beginning.

    Args:
        stored: (n_samples,)
        start: Sample to begin with, from 0.
        out: (n_samples,) float32, where it is written; a new signal if None.

    Returns:
        (n_samples,) float32, full scale 1.0.
    """
    signal = np.empty(len(stored), np.float32) if out is None else out
    _turn(stored, start, signal)
    return signal


def mix_at_snr(
    speech: Stored, noise: Stored, snr_db: float, *, start: int = 0, out: Signal | None = None
) -> Signal:
    """Add noise to speech, which keeps its level.

    Args:
        speech: (n_samples,)
        noise: (n_samples,)
        snr_db: Ratio of the mean powers over the whole signals.
        start, out: Sample of the speech to begin with, and where to write (see `turned`).

    Returns:
        (n_samples,) float32, full scale 1.0, which it may exceed.

    Raises:
        AudioError: If lengths differ or one of the signals is silent.
    """
    if speech.shape != noise.shape:
        raise AudioError(f"speech {speech.shape} and noise {noise.shape} must be equally long")
    speech_energy, noise_energy = _energy(speech), _energy(noise)
    if speech_energy == 0 or noise_energy == 0:
        raise AudioError("can't set the SNR of a silent signal")
    gain = np.sqrt(speech_energy / noise_energy) * float(power(10, -snr_db / 20))
    signal = turned(speech, start, out=out)
    _add(noise, np.float32(gain), signal)
    return signal


@compiled
def _energy(stored: Stored) -> np.int64:
    """Sum of squares, exact."""
    total = np.int64(0)
    for t in range(len(stored)):
        total += np.int64(stored[t]) * np.int64(stored[t])
    return total


@compiled
def _turn(stored: Stored, start: int, signal: Signal) -> None:
    first, then = stored[start:], stored[:start]
    for t in range(len(first)):
        signal[t] = np.float32(first[t]) * _UNIT
    rest = signal[len(first) :]
    for t in range(len(rest)):
        rest[t] = np.float32(then[t]) * _UNIT


@compiled
def _add(stored: Stored, gain: np.float32, signal: Signal) -> None:
    for t in range(len(stored)):
        signal[t] += np.float32(stored[t]) * _UNIT * gain
