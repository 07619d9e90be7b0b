"""Reading recordings: WAV, FLAC, OGG and whatever else libsndfile knows."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from fedasc.audio import Signal
from fedasc.errors import AudioError

MIN_SOURCE_RATE_HZ = 14_000
"""Below, the top band of the features would be empty and would betray the source."""


def read_recording(path: Path, *, sample_rate_hz: int = 16_000) -> Signal:
    """The first channel of a file at the wanted rate.

    Channels aren't averaged: that would comb-filter whatever reaches the microphones at different
    times.

    Args:
        path: Audio file.
        sample_rate_hz: Rate to resample to (soxr, high quality).

    Returns:
        (n_samples,) float32, full scale 1.0.

    Raises:
        AudioError: If the file is missing, unreadable, empty, sampled below 14 kHz, or holds a
            sample that is not finite.
    """
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    try:
        samples, source_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, TypeError, RuntimeError) as error:
        # soundfile wants more arguments for a name that ends in .raw, and says so by TypeError
        raise AudioError(f"{path}: not a readable audio file ({error})") from error
    if source_rate_hz < MIN_SOURCE_RATE_HZ:
        raise AudioError(
            f"{path}: sampled at {source_rate_hz} Hz; the features need at least "
            f"{MIN_SOURCE_RATE_HZ} Hz, take the recording from its original source"
        )
    if not len(samples):
        raise AudioError(f"{path}: holds no samples")
    first = np.ascontiguousarray(samples[:, 0])
    if not np.isfinite(first).all():
        raise AudioError(f"{path}: holds samples that are not finite")
    resampled: Signal = soxr.resample(first, source_rate_hz, sample_rate_hz, quality="HQ")
    return resampled
