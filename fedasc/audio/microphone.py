"""Microphones differ from device to device: in gain, response, noise, and where they overload."""

from dataclasses import dataclass

import numpy as np

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import tangent
from fedasc.arithmetic.powers import power
from fedasc.audio import Signal
from fedasc.audio.response import RATE_HZ, Response
from fedasc.errors import SettingsError

PIVOT_HZ = 1000.0
"""Where a tilt changes nothing."""

FULL_SCALE_DB_SPL = 90.0
"""Taken for the level of full scale of recordings that aren't calibrated: speech of -26 dBFS, to
which telephony's test material is set, then has the 64 dB SPL of a conversation."""

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

    Sound passes the response, the tilt and the gain, which make the device's sensitivity; then the
    circuit behind them adds its noise and overloads. Their levels in dB SPL are those of sound that
    a device of 0 dB gain makes as strong.

    Args:
        gain_db: Gain at 1 kHz, at most 100 dB up or down.
        tilt_db: Level of high frequencies less that of low ones, at most 24 dB up or down.
        response: As measured; flat if None.
        self_noise_db_spl: Level of the white noise that is added, from 0 to 8 kHz and unweighted;
            none if None.
        clipping_db_spl: Level of the loudest sine that isn't clipped; no sound is if None.
        calibration_db_spl: Level of full scale (a root mean square of 0 dBFS) of recordings that
            aren't calibrated.

    Raises:
        SettingsError: If a value is out of range.
    """

    gain_db: float = 0.0
    tilt_db: float = 0.0
    response: Response | None = None
    self_noise_db_spl: float | None = None
    clipping_db_spl: float | None = None
    calibration_db_spl: float = FULL_SCALE_DB_SPL

    def __post_init__(self) -> None:
        for name, low, high in (
            ("gain_db", -_MAX_GAIN_DB, _MAX_GAIN_DB),
            ("tilt_db", -_MAX_TILT_DB, _MAX_TILT_DB),
            ("self_noise_db_spl", -100.0, 200.0),
            ("clipping_db_spl", 40.0, 200.0),
            ("calibration_db_spl", 40.0, 200.0),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise SettingsError(
                    f"microphone: {name} must lie between {low:g} and {high:g}, got {value:g}"
                )

    @property
    def has_levels(self) -> bool:
        """Whether what it does to a sound depends on the level of that."""
        return self.self_noise_db_spl is not None or self.clipping_db_spl is not None

    def hear(
        self,
        signals: Signal,
        *,
        full_scale_db_spl: float | None = None,
        noise: np.random.Generator | None = None,
    ) -> Signal:
        """What the device gets of signals, each as if it had long stood at its first sample.

        Args:
            signals: (n_samples,) or (n_streams, n_samples) at 16 kHz, float32 or float64.
            full_scale_db_spl: Level of 0 dBFS if the recording is calibrated.
            noise: What the self-noise is drawn from; needed if there is any.

        Returns:
            The same shape and dtype, full scale as it was; signals themselves if the microphone
            changes nothing.
        """
        gain = float(power(10, self.gain_db / 20))
        heard = signals
        if self.response and signals.size:
            heard = self.response.hear(np.atleast_2d(heard)).reshape(signals.shape)
        if self.tilt_db and signals.size:
            heard = _tilted(np.atleast_2d(heard), gain, self.tilt_db).reshape(signals.shape)
        elif self.gain_db:
            heard = heard * signals.dtype.type(gain)
        if not self.has_levels:
            return heard
        full_scale = self.calibration_db_spl if full_scale_db_spl is None else full_scale_db_spl
        return self._in_the_circuit(heard, full_scale, noise)

    def _in_the_circuit(
        self, heard: Signal, full_scale_db_spl: float, noise: np.random.Generator | None
    ) -> Signal:
        """With the circuit's noise and overload.

        Noise is uniformly distributed, since the bits of Gaussian draws depend on the machine; what
        passes the narrow bands of a front end is Gaussian all the same.
        """
        kind = heard.dtype.type
        if self.self_noise_db_spl is not None:
            assert noise is not None, "self-noise is drawn from a stream"
            rms = float(power(10, (self.self_noise_db_spl - full_scale_db_spl) / 20))
            uniform = noise.random(heard.shape, np.float32).astype(heard.dtype, copy=False)
            heard = heard + (uniform - kind(0.5)) * kind(rms * 12**0.5)
        if self.clipping_db_spl is not None:
            peak = kind(2**0.5 * power(10, (self.clipping_db_spl - full_scale_db_spl) / 20))
            heard = heard.clip(-peak, peak)
        return heard


def _tilted(signals: Signal, gain: float, tilt_db: float) -> Signal:
    """H = g + (1/g - g)·L with the low-pass L(s) = g·w0 / (s + g·w0): one pole, one state."""
    g = float(power(10, tilt_db / 40))
    warped = g * float(tangent(np.array(np.pi * PIVOT_HZ / RATE_HZ)))
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
