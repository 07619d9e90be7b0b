"""Microphones differ from device to device: in their gain, and in their tilt over frequency."""

from dataclasses import dataclass

import numpy as np

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import tangent
from fedasc.arithmetic.powers import power
from fedasc.audio import Signal
from fedasc.errors import SettingsError

PIVOT_HZ = 1000.0
"""Where a tilt changes nothing."""

_SAMPLE_RATE_HZ = 16_000
_MAX_GAIN_DB = 100.0
_MAX_TILT_DB = 24.0

_SAMPLES_PER_CHECK = 32
_NEXT_TO_NOTHING = 1e-30


@dataclass(frozen=True, kw_only=True)
class Microphone:
    """What lies between the sound and the front end of one device.

    The tilt is a first-order shelf about the pivot w0, of the gain 1/g far below, 1 at w0 and g far
    above, with g = 10^(tilt_db / 40):

        H(s) = (g·s + w0) / (s + g·w0)

    made digital by the bilinear transform with w0 prewarped, so DC and half the sample rate have
    exactly the gains 1/g and g. The tilt -t undoes the tilt t.

    Args:
        gain_db: Gain at 1 kHz, at most 100 dB up or down.
        tilt_db: Level of high frequencies less that of low ones, at most 24 dB up or down.

    Raises:
        SettingsError: If a value is out of range.
    """

    gain_db: float = 0.0
    tilt_db: float = 0.0

    def __post_init__(self) -> None:
        for name, value, limit in (
            ("gain_db", self.gain_db, _MAX_GAIN_DB),
            ("tilt_db", self.tilt_db, _MAX_TILT_DB),
        ):
            if not abs(value) <= limit:
                raise SettingsError(
                    f"microphone: {name} must lie between {-limit:g} and {limit:g}, got {value:g}"
                )

    def hear(self, signals: Signal) -> Signal:
        """What the device gets of signals, each as if it had long stood at its first sample.

        Args:
            signals: (n_samples,) or (n_streams, n_samples) at 16 kHz, float32 or float64.

        Returns:
            The same shape and dtype; signals themselves if the microphone changes nothing.
        """
        gain = float(power(10, self.gain_db / 20))
        if self.tilt_db and signals.size:
            return _tilted(np.atleast_2d(signals), gain, self.tilt_db).reshape(signals.shape)
        return signals * signals.dtype.type(gain) if self.gain_db else signals


def _tilted(signals: Signal, gain: float, tilt_db: float) -> Signal:
    """H = g + (1/g - g)·L with the low-pass L(s) = g·w0 / (s + g·w0): one pole, one state."""
    g = float(power(10, tilt_db / 40))
    warped = g * float(tangent(np.array(np.pi * PIVOT_HZ / _SAMPLE_RATE_HZ)))
    pole = (1 - warped) / (1 + warped)
    result = np.empty_like(signals)
    _add_low_pass(signals, gain * g, gain * (1 / g - g), pole, result)
    return result


@compiled
def _add_low_pass(
    signals: Signal, direct: float, lowered: float, pole: float, result: Signal
) -> None:
    """`direct` times signals plus `lowered` times signals through a low-pass of unit gain at DC.

    Streams are filtered one after the other: results don't depend on how many share a call.

    Args:
        signals: (n_streams, n_samples), at least one sample.
        direct: Factor of what goes past the low-pass.
        lowered: Factor of what goes through it.
        pole: Of the low-pass, whose zero lies at half the sample rate.
        result: (n_streams, n_samples), written.
    """
    n_streams, n_samples = signals.shape
    share = (1 - pole) / 2
    for i in range(n_streams):
        low = last = float(signals[i, 0])
        for start in range(0, n_samples, _SAMPLES_PER_CHECK):
            # ringing out in silence must not end in denormal numbers, which are slow
            if abs(low) < _NEXT_TO_NOTHING:
                low = 0.0
            for t in range(start, min(start + _SAMPLES_PER_CHECK, n_samples)):
                sample = signals[i, t]
                low = pole * low + share * (sample + last)
                last = sample
                result[i, t] = direct * sample + lowered * low
