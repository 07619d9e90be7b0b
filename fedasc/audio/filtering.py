"""Compiled filters of whole signals: taps and biquads. Private to `fedasc.audio`.

Streams are filtered one after the other, and every sum has an order of its own: results depend
neither on how many share a call nor on the machine.
"""

import numpy as np

from fedasc.arithmetic.compiled import compiled
from fedasc.audio import FloatArray, Signal

_SAMPLES_PER_BLOCK = 1024  # stay in the nearest cache
_TAPS_PER_PASS = 8
_SAMPLES_PER_CHECK = 32
_NEXT_TO_NOTHING = 1e-30


def through_taps(signals: Signal, taps: FloatArray) -> Signal:
    """Signals through a finite impulse response, as if each had long stood at its first sample.

    Args:
        signals: (n_streams, n_samples), at least one sample.
        taps: (n_taps,) from the latest sample to the earliest.

    Returns:
        The same shape and dtype; sums run from the first tap to the last, in this dtype.
    """
    n_passes = -(-len(taps) // _TAPS_PER_PASS)
    filled = np.zeros((n_passes, _TAPS_PER_PASS), signals.dtype)
    filled.ravel()[: len(taps)] = taps
    before = np.repeat(signals[:, :1], filled.size - 1, axis=1)
    result = np.zeros_like(signals, order="C")
    _convolve(np.concatenate([before, signals], axis=1), filled, result)
    return result


def through_biquads(signals: Signal, sections: FloatArray) -> Signal:
    """Signals through second-order sections in turn, as if each had long stood at its first sample.

    Args:
        signals: (n_streams, n_samples), at least one sample.
        sections: (n_sections, 5) b0, b1, b2, a1, a2 of stable ones.

    Returns:
        The same shape and dtype; computed in double precision.
    """
    result = np.empty_like(signals, order="C")
    _biquads(np.array(signals, order="C"), sections, result)
    return result


@compiled
def _convolve(signals: Signal, taps: Signal, result: Signal) -> None:
    """Add what taps (n_passes, 8) make of signals (n_streams, 8 · n_passes - 1 + n_samples)."""
    n_streams, n_samples = result.shape
    n_before = signals.shape[1] - n_samples
    for i in range(n_streams):
        for start in range(0, n_samples, _SAMPLES_PER_BLOCK):
            block = result[i, start : start + _SAMPLES_PER_BLOCK]
            for j in range(len(taps)):
                first = start + n_before - j * _TAPS_PER_PASS - (_TAPS_PER_PASS - 1)
                x = signals[i, first : first + len(block) + _TAPS_PER_PASS - 1]
                h = taps[j]
                h0, h1, h2, h3, h4, h5, h6, h7 = h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
                for t in range(len(block)):
                    block[t] = (
                        block[t]
                        + h0 * x[t + 7]
                        + h1 * x[t + 6]
                        + h2 * x[t + 5]
                        + h3 * x[t + 4]
                        + h4 * x[t + 3]
                        + h5 * x[t + 2]
                        + h6 * x[t + 1]
                        + h7 * x[t]
                    )


@compiled
def _biquads(signals: Signal, sections: FloatArray, result: Signal) -> None:
    """Transposed direct form II, from the state that an endless first sample leaves."""
    n_streams, n_samples = signals.shape
    states = np.empty((len(sections), 2))
    for i in range(n_streams):
        level = float(signals[i, 0])
        for k in range(len(sections)):
            b0, b1, b2, a1, a2 = sections[k]
            settled = level * (b0 + b1 + b2) / (1 + a1 + a2)
            states[k, 0] = settled - b0 * level
            states[k, 1] = b2 * level - a2 * settled
            level = settled
        for start in range(0, n_samples, _SAMPLES_PER_CHECK):
            # ringing out in silence must not end in denormal numbers, which are slow
            for k in range(len(sections)):
                for j in range(2):
                    if abs(states[k, j]) < _NEXT_TO_NOTHING:
                        states[k, j] = 0.0
            for t in range(start, min(start + _SAMPLES_PER_CHECK, n_samples)):
                sample = float(signals[i, t])
                for k in range(len(sections)):
                    b0, b1, b2, a1, a2 = sections[k]
                    out = b0 * sample + states[k, 0]
                    states[k, 0] = b1 * sample - a1 * out + states[k, 1]
                    states[k, 1] = b2 * sample - a2 * out
                    sample = out
                result[i, t] = sample


@compiled
def minimum_phase(log_gains: FloatArray, cosines: FloatArray, taps: FloatArray) -> float:
    """The shape of the minimum-phase response with given gains, from their cepstrum.

    A causal cepstrum has the same gains and the least delay, and of it the response follows by
    n·h[n] = Σ k·c[k]·h[n - k] (Oppenheim and Schafer, Discrete-Time Signal Processing).

    Args:
        log_gains: (n_bins,) natural logarithms, at even steps from 0 to half the rate.
        cosines: (2 · (n_bins - 1),) one period.
        taps: (n_taps,) written: the response divided by its first tap.

    Returns:
        Natural logarithm of the first tap.
    """
    period, n_bins = len(cosines), len(log_gains)
    cepstrum = np.empty(len(taps))
    for n in range(len(taps)):
        total = log_gains[0] + (1 - 2 * (n % 2)) * log_gains[n_bins - 1]
        for k in range(1, n_bins - 1):
            total += 2 * log_gains[k] * cosines[k * n % period]
        cepstrum[n] = total / period * (2 if n else 1)
    taps[0] = 1.0
    for n in range(1, len(taps)):
        total = 0.0
        for k in range(1, n + 1):
            total += k * cepstrum[k] * taps[n - k]
        taps[n] = total / n
    return float(cepstrum[0])
