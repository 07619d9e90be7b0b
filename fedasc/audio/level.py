"""How loud a signal is, and how evenly its energy lies in time."""

import numpy as np

from fedasc.arithmetic.functions import log
from fedasc.arithmetic.powers import LOG_10
from fedasc.audio import FloatArray, Signal
from fedasc.errors import AudioError

SILENCE_DBFS = -80.0
"""Level under which a recording counts as silent."""

MAX_ENERGY_PEAK_RATIO = 5.0
"""Recordings above hold only short bursts, so their label says little of the rest (section 4.1)."""


def power(signal: Signal) -> float:
    """Mean square of a signal of shape (n_samples,)."""
    return float(np.mean(np.square(signal, dtype=np.float64)))


def level_dbfs(signal: Signal) -> float:
    """Root mean square in dB relative to full scale; -inf for digital silence."""
    return _dbfs(power(signal))


def level_and_peak_ratio(signal: Signal) -> tuple[float, float]:
    """`level_dbfs` and `energy_peak_ratio` of (n_samples,), all of them finite, squared once.

    The ratio is NaN where the signal counts as silent.
    """
    squares = np.square(signal, dtype=np.float64)
    level = _dbfs(float(np.mean(squares)))
    return level, _peak_ratio(squares, 40) if level > SILENCE_DBFS else np.nan


def energy_peak_ratio(signal: Signal, *, n_segments: int = 40) -> float:
    """How far the loudest segment stands above the mean (paper eq. 5).

    Args:
        signal: (n_samples,) full scale 1.0; n_samples divisible by n_segments.
        n_segments: L of the paper; 40 segments of 4,000 samples make 10 s.

    Returns:
        1.0 for a steady signal, n_segments for a single burst.

    Raises:
        AudioError: If the signal is empty, silent, not finite or of another length.
    """
    if signal.size == 0 or signal.size % n_segments:
        raise AudioError(
            f"expected a length divisible by {n_segments} segments, got {signal.size} samples"
        )
    return _peak_ratio(np.square(signal, dtype=np.float64), n_segments)


def _dbfs(mean_square: float) -> float:
    return float(log(np.array(mean_square)) * (10 / LOG_10)) if mean_square > 0 else -np.inf


def _peak_ratio(squares: FloatArray, n_segments: int) -> float:
    energies = squares.reshape(n_segments, -1).sum(axis=1)
    mean = float(energies.mean())
    if not np.isfinite(mean):
        raise AudioError("signal is not finite")
    if mean == 0:
        raise AudioError("signal is silent")
    return float(energies.max()) / mean
