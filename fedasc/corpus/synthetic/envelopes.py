"""The time side of a synthetic recording: slow curves and gains.

A curve has one value per control point, HOP samples apart, and is interpolated linearly to a gain:
that is what makes ten seconds of audio cost milliseconds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.fft import irfft

from fedasc.arithmetic.functions import cos_sin, exp, log
from fedasc.arithmetic.powers import power, tanh
from fedasc.audio import FloatArray

RATE_HZ = 16_000
DURATION_S = 10
N_SAMPLES = RATE_HZ * DURATION_S
HOP = 16
CONTROL_HZ = RATE_HZ // HOP
N_CONTROL = N_SAMPLES // HOP

Samples = NDArray[np.float32]
"""(N_SAMPLES,) unless said otherwise."""

Model = Callable[[Generator, Generator], Samples]
"""Makes one recording from two streams: what its group shares (the device, place, track or voice),
and what is this take's own. Draws from the first must not depend on those from the second."""

CONTROL_TIMES_S: FloatArray = np.arange(N_CONTROL) / CONTROL_HZ
"""(N_CONTROL,) times of the control points."""

_CONTROL_FREQUENCIES_HZ = np.fft.rfftfreq(N_CONTROL, 1 / CONTROL_HZ)
_RAMP = np.arange(HOP, dtype=np.float32) / np.float32(HOP)


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """One draw between two positive bounds, uniform in its logarithm."""
    lowest, highest = log(np.array([low, high])).tolist()
    return float(exp(np.array(rng.uniform(lowest, highest))))


def amplitude(level_db: ArrayLike) -> FloatArray:
    """Factors on an amplitude, from levels in dB."""
    return power(10, np.asarray(level_db) / 20)


def sine(x: NDArray[Any]) -> FloatArray:
    """Sines of any shape, in radians."""
    return cos_sin(x)[1]


def cosine(x: NDArray[Any]) -> FloatArray:
    """Cosines of any shape, in radians."""
    return cos_sin(x)[0]


def upsampled(control: ArrayLike) -> Samples:
    """A curve of (N_CONTROL,) control points, linearly interpolated to (N_SAMPLES,)."""
    points = np.asarray(control, np.float32)
    steps = np.diff(points, append=points[-1:])
    return np.ravel(points[:, None] + steps[:, None] * _RAMP)


def drift(rng: Generator, rate_hz: float) -> FloatArray:
    """A random curve of unit variance that moves about `rate_hz` times a second.

    Returns:
        (N_CONTROL,)
    """
    gain = 1 / (1 + np.square(np.square(_CONTROL_FREQUENCIES_HZ / rate_hz)))
    gain[0] = 0.0
    draws = rng.standard_normal(2 * len(gain)).view(np.complex128)
    # Of this length the sines of a transform in double precision are the same with and without
    # fused multiplications in the C library; of others they need not be.
    curve = irfft(draws * gain, N_CONTROL)
    return np.asarray(curve / curve.std())


def saturated(curve: FloatArray) -> FloatArray:
    """A curve whose extremes are bent to stay within ±2."""
    return 2 * tanh(curve / 2)


def fluctuation(rng: Generator, rate_hz: float, depth_db: float) -> Samples:
    """A random gain: log-normal with a standard deviation of `depth_db`, but for its extremes."""
    return upsampled(amplitude(depth_db * saturated(drift(rng, rate_hz))))


def bouts(
    rng: Generator, *, on_s: float, off_s: float, rest_db: float = -20.0, edge_s: float = 0.1
) -> Samples:
    """The gain of something that works in bouts: 1 while it does, `rest_db` between.

    Args:
        rng: Stream of the durations.
        on_s: Mean length of a bout.
        off_s: Mean length of a rest.
        rest_db: Level between bouts.
        edge_s: Length of the transitions.
    """
    n_pairs = int(2 * DURATION_S / (on_s + off_s)) + 4
    lengths = rng.gamma(4, 0.25, 2 * n_pairs) * np.tile([on_s, off_s], n_pairs)
    edges = np.cumsum(lengths) - rng.random() * lengths[:2].sum()
    working = np.searchsorted(edges, CONTROL_TIMES_S) % 2 == 0
    width = max(1, int(edge_s * CONTROL_HZ))
    before = np.cumsum(np.pad(working.astype(int), width, mode="edge"))
    ends = np.arange(N_CONTROL) + width + width // 2
    share = (before[ends] - before[ends - width]) / width
    return upsampled(amplitude(rest_db * (1 - share)))


def cycle(
    rng: Generator, rate_hz: ArrayLike, *, sharpness: float = 1.0, unevenness: float = 0.0
) -> Samples:
    """A periodic gain between 0 and 1.

    Args:
        rng: Stream of the starting phase and of the unevenness.
        rate_hz: Periods a second, constant or (N_CONTROL,).
        sharpness: 1 is a sine; the higher, the shorter the peak.
        unevenness: Random part of the rate, as a share.
    """
    rates = np.broadcast_to(np.asarray(rate_hz, float), (N_CONTROL,))
    if unevenness:
        rates = rates * (1 + unevenness * drift(rng, 1.0))
    phase = rng.random() + np.cumsum(rates) / CONTROL_HZ
    return upsampled(power(0.5 + 0.5 * cosine(2 * np.pi * phase), sharpness))
