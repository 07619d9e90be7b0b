"""The sparse side of a synthetic recording: when something happens, and what it sounds like.

Gamma variables must have a shape of at least 1: below, NumPy takes powers of the C library.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from scipy.fft import irfft, next_fast_len, rfft

from fedasc.arithmetic.functions import exp
from fedasc.arithmetic.powers import exp_in_single, power
from fedasc.audio import FloatArray
from fedasc.corpus.synthetic.envelopes import (
    DURATION_S,
    N_SAMPLES,
    RATE_HZ,
    Samples,
    amplitude,
    cosine,
    log_uniform,
    sine,
)


def grain_times_s(length_s: float) -> FloatArray:
    """(n_grain_samples,) times within a sound of its own length."""
    return np.arange(int(length_s * RATE_HZ)) / RATE_HZ


def arch(n_samples: int) -> FloatArray:
    """(n_samples,) half a period above 0: von Hann's window."""
    return 0.5 - 0.5 * cosine(np.arange(n_samples) * (2 * np.pi / (n_samples - 1)))


def arrivals(rng: Generator, rate_hz: float, *, regularity: float = 1.0) -> FloatArray:
    """Times of events within a recording.

    Args:
        rng: Stream of the draws.
        rate_hz: Events a second.
        regularity: 1 for a Poisson process, the higher the nearer to a clock.

    Returns:
        (n_events,) in s, rising.
    """
    n_draws = int(rate_hz * DURATION_S * 2 + 20)
    gaps = rng.gamma(regularity, 1 / (regularity * rate_hz), n_draws)
    times = np.cumsum(gaps) - rng.random() * gaps[0]
    return np.asarray(times[times < DURATION_S])


def ring(rng: Generator, *, low_hz: float, high_hz: float, n_modes: int, decay_s: float) -> Samples:
    """A struck body: decaying modes at random frequencies, the higher ones shorter; peak 1."""
    modes_hz = np.array([log_uniform(rng, low_hz, high_hz) for _ in range(n_modes)])
    decays_s = decay_s * power(low_hz / modes_hz, 0.4) * rng.uniform(0.5, 1.0, n_modes)
    times = grain_times_s(min(5 * decay_s, 3.0))
    phases = 2 * np.pi * (np.outer(modes_hz, times) + rng.random((n_modes, 1)))
    waves = sine(phases.astype(np.float32)).astype(np.float32)
    waves *= exp_in_single(np.float32(-1) * np.outer(1 / decays_s, times).astype(np.float32))
    grain = (rng.uniform(0.3, 1.0, (n_modes, 1)) * waves).sum(axis=0)
    return np.asarray(grain / np.abs(grain).max(), np.float32)


def burst(
    rng: Generator,
    *,
    attack_s: float,
    decay_s: float,
    low_hz: float = 50.0,
    high_hz: float = 7000.0,
) -> Samples:
    """A burst of noise with exponential attack and decay; peak 1."""
    n_samples = next_fast_len(int((3 * attack_s + 5 * decay_s) * RATE_HZ) + 32, real=True)
    frequencies = np.fft.rfftfreq(n_samples, 1 / RATE_HZ) + 1.0
    rise, fall = np.square(low_hz / frequencies), np.square(np.square(frequencies / high_hz))
    gain = (1 / ((1 + rise) * (1 + fall))).astype(np.float32)
    # In single precision, whose transforms round the C library's sines off to less than they differ
    # by: in double they'd show for some lengths.
    noise = irfft(rfft(rng.standard_normal(n_samples).astype(np.float32)) * gain, n_samples)
    times = np.arange(n_samples) / RATE_HZ
    grain = noise * (1 - exp(-times / attack_s)) * exp(-times / decay_s)
    return np.asarray(grain / np.abs(grain).max(), np.float32)


def scatter(
    rng: Generator,
    times_s: FloatArray,
    grains: Sequence[Samples],
    *,
    spread_db: float = 0.0,
) -> Samples:
    """Grains, picked at random, added at given times.

    Args:
        rng: Stream of the picks and the levels.
        times_s: (n_events,) onsets.
        grains: (n_grain_samples,) each.
        spread_db: Standard deviation of the events' levels.
    """
    signal = np.zeros(N_SAMPLES, np.float32)
    picks = rng.integers(len(grains), size=len(times_s))
    levels = amplitude(spread_db * rng.standard_normal(len(times_s)))
    for start, pick, level in zip((times_s * RATE_HZ).astype(int), picks, levels, strict=True):
        grain = grains[pick][: N_SAMPLES - start]
        signal[start : start + len(grain)] += np.float32(level) * grain
    return signal
