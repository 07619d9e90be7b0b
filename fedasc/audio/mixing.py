"""Mixing speech with noise at a given signal-to-noise ratio."""

import numpy as np

from fedasc.audio import Signal
from fedasc.audio.level import power
from fedasc.errors import AudioError


def mix_at_snr(speech: Signal, noise: Signal, snr_db: float) -> Signal:
    """Add noise to speech, which keeps its level.

    Args:
        speech: (n_samples,)
        noise: (n_samples,)
        snr_db: Ratio of the mean powers over the whole signals.

    Returns:
        (n_samples,) of the dtype of speech; may exceed full scale.

    Raises:
        AudioError: If lengths differ or one of the signals is silent.
    """
    if speech.shape != noise.shape:
        raise AudioError(f"speech {speech.shape} and noise {noise.shape} must be equally long")
    speech_power, noise_power = power(speech), power(noise)
    if speech_power == 0 or noise_power == 0:
        raise AudioError("can't set the SNR of a silent signal")
    gain = np.sqrt(speech_power / noise_power) * 10 ** (-snr_db / 20)
    return speech + noise * speech.dtype.type(gain)
