"""Responses: what measured microphones do to each frequency, as filters at 16 kHz."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import isfinite

import numpy as np

from fedasc.arithmetic.functions import cos_sin, log
from fedasc.arithmetic.powers import LOG_10, power
from fedasc.audio import FloatArray, Signal
from fedasc.audio.filtering import minimum_phase, through_biquads, through_taps
from fedasc.errors import SettingsError

RATE_HZ = 16_000

MAX_SPAN_DB = 24.0
"""How far a response may lie from that at 1 kHz: what is farther from what the server has heard
than any device can be is refused, see `fedasc.admission`."""

_SPAN_HZ = (75.0, 4500.0)
_MAX_LEVEL_DB = 60.0
_MAX_TAPS = 4096
_MAX_SECTIONS = 64
_N_DESIGNED = 256
_N_BINS = 2049


@dataclass(frozen=True, kw_only=True)
class Response:
    """A measured response, in one of three forms.

    Args:
        name: Tells it from others.
        hz: Frequencies at which the gain was measured, rising. Between them it is linear in dB over
            the logarithm of frequency, beyond them constant. It becomes the finite impulse response
            of minimum phase, cut to 16 ms.
        db: Gains at these.
        taps: Finite impulse response at 16 kHz.
        biquads: Second-order sections at 16 kHz, each b0, b1, b2, a0, a1, a2 as SciPy has them.

    Raises:
        SettingsError: If it isn't just one of these, a number isn't finite, a section isn't stable,
            or gains from 75 to 4500 Hz lie more than 24 dB from that at 1 kHz.
    """

    name: str
    hz: tuple[float, ...] = ()
    db: tuple[float, ...] = ()
    taps: tuple[float, ...] = ()
    biquads: tuple[tuple[float, ...], ...] = ()

    def __post_init__(self) -> None:
        where = f"response {self.name!r}"
        if not self.name.strip() or self.name != self.name.strip():
            raise SettingsError(f"{where}: give it a name without blanks around it")
        if sum(map(bool, (self.hz or self.db, self.taps, self.biquads))) != 1:
            raise SettingsError(f"{where}: give either hz and db, or taps, or biquads")
        numbers = (*self.hz, *self.db, *self.taps, *(n for row in self.biquads for n in row))
        if not all(map(isfinite, numbers)):
            raise SettingsError(f"{where}: every number must be finite")
        rising = all(low < high for low, high in pairwise((0.0, *self.hz)))
        if len(self.hz) != len(self.db) or not rising:
            raise SettingsError(f"{where}: hz must rise from above 0, with one db for each")
        if len(self.taps) > _MAX_TAPS or len(self.biquads) > _MAX_SECTIONS:
            raise SettingsError(
                f"{where}: at most {_MAX_TAPS} taps at 16 kHz, or {_MAX_SECTIONS} biquads"
            )
        if any(len(row) != 6 or not _is_stable(*row[3:]) for row in self.biquads):
            raise SettingsError(
                f"{where}: each of biquads must be b0, b1, b2, a0, a1, a2 of a stable filter"
            )
        pivot_db = float(self.gains_db(np.array([1000.0]))[0])
        apart_db = _gains_within_span(self) - pivot_db
        if not (abs(pivot_db) <= _MAX_LEVEL_DB and (abs(apart_db) <= MAX_SPAN_DB).all()):
            raise SettingsError(
                f"{where}: gains from {_SPAN_HZ[0]:g} to {_SPAN_HZ[1]:g} Hz must lie within "
                f"{MAX_SPAN_DB:g} dB of that at 1 kHz, and this within {_MAX_LEVEL_DB:g} dB of 0; "
                f"got {apart_db.min():.3g} to {apart_db.max():.3g} dB of {pivot_db:.3g} dB"
            )

    def hear(self, signals: Signal) -> Signal:
        """Signals through it, each as if it had long stood at its first sample.

        Args:
            signals: (n_streams, n_samples) at 16 kHz, at least one sample.

        Returns:
            The same shape and dtype.
        """
        if self.biquads:
            return through_biquads(signals, _sections(self))
        return through_taps(signals, _taps(self))

    def gains_db(self, hz: FloatArray) -> FloatArray:
        """Gains of the filter at frequencies; both (n,)."""
        if self.biquads:
            gains = np.ones(len(hz))
            for b0, b1, b2, a1, a2 in _sections(self).tolist():
                above = _magnitudes(np.array([b0, b1, b2]), hz)
                gains = gains * above / _magnitudes(np.array([1.0, a1, a2]), hz)
        else:
            gains = _magnitudes(_taps(self), hz)
        decibels: FloatArray = log(np.maximum(gains, 1e-30)) * (20 / LOG_10)
        return decibels


def _is_stable(a0: float, a1: float, a2: float) -> bool:
    """Whether both poles lie within the unit circle."""
    return a0 != 0 and abs(a2 / a0) < 1 and abs(a1 / a0) < 1 + a2 / a0


@lru_cache(maxsize=256)
def _gains_within_span(response: Response) -> FloatArray:
    """Gains at 32 frequencies of even ratios."""
    low, high = _SPAN_HZ
    return response.gains_db(low * power(high / low, np.arange(32) / 31))


@lru_cache(maxsize=256)
def _sections(response: Response) -> FloatArray:
    """(n_sections, 5) b0, b1, b2, a1, a2."""
    rows = np.array(response.biquads)
    sections: FloatArray = rows[:, [0, 1, 2, 4, 5]] / rows[:, 3:4]
    return sections


@lru_cache(maxsize=256)
def _taps(response: Response) -> FloatArray:
    """(n_taps,) as given, or of minimum phase with the gains that were measured."""
    if response.taps:
        return np.array(response.taps)
    measured_hz, measured_db = np.array(response.hz), np.array(response.db)
    hz = np.linspace(0, RATE_HZ / 2, _N_BINS)
    octaves = log(np.maximum(hz, measured_hz[0]))
    decibels = np.interp(octaves, log(measured_hz), measured_db)
    cosines, _ = cos_sin(np.arange(2 * (_N_BINS - 1)) * (np.pi / (_N_BINS - 1)))
    taps = np.empty(_N_DESIGNED)
    first = minimum_phase(decibels * (LOG_10 / 20), cosines, taps)
    return taps * float(power(10, first / LOG_10))


def _magnitudes(taps: FloatArray, hz: FloatArray) -> FloatArray:
    """(n,) of the transfer function of taps."""
    cosines, sines = cos_sin(np.outer(np.arange(len(taps)), hz * (2 * np.pi / RATE_HZ)))
    real, imaginary = np.zeros(len(hz)), np.zeros(len(hz))
    for tap, cosine, sine in zip(taps.tolist(), cosines, sines, strict=True):
        real += tap * cosine
        imaginary += tap * sine
    magnitudes: FloatArray = np.sqrt(real**2 + imaginary**2)
    return magnitudes
