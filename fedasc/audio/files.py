"""Reading recordings: WAV, FLAC, OGG and whatever else libsndfile knows."""

import os
from pathlib import Path

import numpy as np
import soundfile
import soxr

from fedasc.audio import Signal
from fedasc.errors import AudioError

MIN_SOURCE_RATE_HZ = 14_000
"""Below, the top band of the features would be empty and would betray the source."""


def length_s(path: Path) -> float:
    """How long a file plays, by its header; 0 if it can't be told."""
    try:
        return float(soundfile.info(os.fsencode(path)).duration)
    except (soundfile.SoundFileError, TypeError, RuntimeError):
        return 0.0


def read_recording(
    path: Path,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sample_rate_hz: int = 16_000,
) -> Signal:
    """The first channel of a file, or of a stretch of it, at the wanted rate.

    Channels aren't averaged: that would comb-filter whatever reaches the microphones at different
    times.

    Args:
        path: Audio file.
        start_s: Where to start.
        duration_s: How much to read; to the end if None.
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
        with soundfile.SoundFile(os.fsencode(path)) as file:
            source_rate_hz = file.samplerate
            file.seek(min(round(start_s * source_rate_hz), file.frames))
            n_frames = -1 if duration_s is None else round(duration_s * source_rate_hz)
            samples = file.read(n_frames, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, TypeError, RuntimeError) as error:
        # soundfile wants more arguments for a name that ends in .raw, and says so by TypeError
        reason = getattr(error, "error_string", error)  # without the path, if libsndfile says it
        raise AudioError(f"{path}: not a readable audio file ({reason})") from error
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
