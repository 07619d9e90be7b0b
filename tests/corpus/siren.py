"""A siren whose pitch tells the time: what is missing of a file can be told to the second."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from fedasc.audio import FloatArray, Signal

AMPLITUDE = 0.2
_LOWEST_HZ, _RISE_HZ_PER_S = 200.0, 25.0
_RATE_HZ = 16_000
_MOST_OFF_HZ = 10.0  # 0.4 s

Stretch = tuple[float, float]
"""When a stretch of the siren starts, and how long it lasts, in seconds."""


@cache
def siren(start_s: float, seconds: float, rate_hz: int = _RATE_HZ) -> FloatArray:
    """(n_samples,) of a pitch that rises by 25 Hz a second from 200 Hz at time 0."""
    t = start_s + np.arange(round(seconds * rate_hz)) / rate_hz
    tone = np.sin(2 * np.pi * (_LOWEST_HZ + _RISE_HZ_PER_S / 2 * t) * t)
    return np.asarray(AMPLITUDE * tone)


def fault(
    signal: Signal, stretches: Sequence[Stretch], *, gain: float | None, slack_s: float
) -> str:
    """What is wrong with the sound of a file that holds these stretches, in words; or nothing.

    Args:
        signal: (n_samples,) at 16 kHz.
        stretches: What the file plays, in order.
        gain: Factor on the siren's amplitude; None if any will do.
        slack_s: What a codec may add at the ends, and lose there beside 1 %.
    """
    heard_s, there_s = len(signal) / _RATE_HZ, sum(seconds for _, seconds in stretches)
    if heard_s < 0.99 * there_s - slack_s or heard_s > 1.001 * there_s + slack_s:
        return f"{heard_s:.2f} s heard of {there_s:.2f}"
    frames = signal[: int(heard_s) * _RATE_HZ].reshape(-1, _RATE_HZ)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_RATE_HZ))) ** 4  # a codec's noise is weak
    pitch_hz = spectra @ np.arange(spectra.shape[1]) / np.maximum(spectra.sum(axis=1), 1e-30)
    rms = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    begin_s = 0.0
    for start_s, seconds in stretches:
        for second in range(int(np.ceil(begin_s + 0.2)), int(begin_s + seconds - 0.2)):
            wanted_hz = _LOWEST_HZ + _RISE_HZ_PER_S * (start_s + second + 0.5 - begin_s)
            if abs(pitch_hz[second] - wanted_hz) > _MOST_OFF_HZ:
                return f"second {second}: {pitch_hz[second]:.0f} Hz heard of {wanted_hz:.0f}"
            level_db = 20 * np.log10(max(rms[second], 1e-9) * np.sqrt(2) / AMPLITUDE)
            if gain is not None and abs(level_db - 20 * np.log10(gain)) > 1:
                return f"second {second}: {level_db:+.1f} dB"
        begin_s += seconds
    return ""


def part_of(stretches: Sequence[Stretch], start_s: float, seconds: float) -> list[Stretch]:
    """What a file that holds these stretches plays from `start_s` on."""
    part = []
    for begin_s, length_s in stretches:
        skipped_s = min(start_s, length_s)
        taken_s = min(seconds, length_s - skipped_s)
        if taken_s > 0:
            part.append((begin_s + skipped_s, taken_s))
        start_s, seconds = start_s - skipped_s, seconds - taken_s
    return part
