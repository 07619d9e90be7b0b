"""Reading recordings: WAV, FLAC, OGG and whatever else libsndfile knows."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import soxr

from fedasc.audio import Signal
from fedasc.audio.headers import content_of
from fedasc.audio.samples import blocks, first_channel, n_samples, named, opened
from fedasc.audio.sound import (
    Sound,
    check_beyond,
    clipped_share,
    full_scale_of,
    is_whole,
    peak_of,
    share_beyond,
)
from fedasc.errors import AudioError

MIN_SOURCE_RATE_HZ = 14_000
"""Below, the top band of the features would be empty and would betray the source."""

MAX_SOURCE_RATE_HZ = 10_000_000
"""Above, the header is wrong: nothing samples sound so fast."""

_TOLERANCE = 0.01
"""What part of the length that a header claims may be missing untold, or more than claimed."""

_TOLERANCE_S = 0.1
"""The same in seconds, where this is more: codecs fill up their last block."""

_MIN_BYTES_PER_S = 64
"""Less than any codec spends on anything but silence."""

_FLOATS = ("FLOAT", "DOUBLE")
_N_BITS = {"PCM_S8": 8, "PCM_U8": 8}


def length_s(path: Path) -> float:
    """How long a file plays; 0 if it can't be told.

    What has a header is believed, as far as the file is large enough for it; what has none, and
    FLAC whose last frame contradicts it, is decoded to its end.
    """
    try:
        with opened(path) as file:
            parts = content_of(path, file, end=0).parts
            seconds = sum(map(n_samples, parts or [file])) / file.samplerate
            return float(min(seconds, path.stat().st_size / _MIN_BYTES_PER_S))
    except AudioError:
        return 0.0


def read_recording(
    path: Path,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sample_rate_hz: int = 16_000,
) -> Signal:
    """The signal of `read_sound`, (n_samples,) float32, full scale 1.0."""
    return read_sound(
        path, start_s=start_s, duration_s=duration_s, sample_rate_hz=sample_rate_hz
    ).signal


def read_sound(
    path: Path,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    sample_rate_hz: int = 16_000,
    full_scale: float | None = None,
) -> Sound:
    """The first channel of a file, or of a stretch of it, at the wanted rate.

    Channels aren't averaged: that would comb-filter whatever reaches the microphones at different
    times. What a header claims of the length is no more than that: files are read to their end.

    Args:
        path: Audio file.
        start_s: Where to start.
        duration_s: How much to read; to the end if None.
        sample_rate_hz: Rate to resample to (soxr, high quality).
        full_scale: Value in a file of floats that counts as full scale; by `full_scale_of` if
            None.

    Raises:
        AudioError: If the file is missing, no regular file, unreadable, empty, sampled below
            14 kHz, changes its rate, or holds a sample that is not finite; or floats so far beyond
            full scale that they would be clipped.
    """
    with opened(path) as file:
        rate_hz, subtype = file.samplerate, file.subtype
        if rate_hz < MIN_SOURCE_RATE_HZ:
            raise AudioError(
                f"sampled at {rate_hz} Hz; the features need at least {MIN_SOURCE_RATE_HZ} Hz, "
                "take the recording from its original source"
            )
        if rate_hz > MAX_SOURCE_RATE_HZ:
            raise AudioError(f"sampled at {rate_hz} Hz by its header, which can't be")
        start = round(start_s * rate_hz)
        n_wanted = None if duration_s is None else round(duration_s * rate_hz)
        content = content_of(path, file, end=None if n_wanted is None else start + n_wanted)
        samples = first_channel(file, content, start=start, n_wanted=n_wanted)
    stretch = start > 0 or n_wanted is not None
    with named(path):
        peak = peak_of(samples)
        if not np.isfinite(peak):
            raise AudioError("holds samples that are not finite")
        if subtype not in _FLOATS:  # of integers the format says it
            full_scale = 1.0
        elif full_scale is None and (stretch or peak > 1):
            extent = _extent(path) if stretch else _Extent.of(samples)
            full_scale = full_scale_of(extent.peak, whole=extent.whole, beyond=extent.beyond)
        if full_scale is not None and full_scale != 1:
            samples, peak = samples / np.float32(full_scale), peak / full_scale
        if subtype in _FLOATS:
            check_beyond(samples, peak, full_scale=full_scale or 1.0)
    clipped = clipped_share(samples, peak, n_bits=_N_BITS.get(subtype, 16))
    if subtype in _FLOATS and peak > 1:  # or a click would ring after resampling
        samples = np.clip(samples, -1, 1)
    if rate_hz != sample_rate_hz:
        signal: Signal = soxr.resample(samples, rate_hz, sample_rate_hz, quality="HQ")
    else:  # soxr would give the same bits, as a copy
        signal = samples
    return Sound(
        signal=signal,
        clipped=clipped,
        full_scale=full_scale or 1.0,
        note=_note(len(samples) / rate_hz, content.seconds, start_s, duration_s),
    )


@dataclass(frozen=True)
class _Extent:
    """How far floats go.

    Args:
        peak: Largest absolute value.
        whole: Whether all are whole numbers.
        beyond: Which part lies beyond 1.0.
    """

    peak: float
    whole: bool
    beyond: float

    @classmethod
    def of(cls, samples: Signal) -> "_Extent":
        return cls(peak_of(samples), is_whole(samples), share_beyond(samples))


def _extent(path: Path) -> _Extent:
    """Of all of a file."""
    state = path.stat()
    return _extent_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=16)  # of a long file many stretches are read
def _extent_of(path: Path, n_bytes: int, changed_ns: int) -> _Extent:
    peak, whole, n_beyond, n_read = 0.0, True, 0.0, 0
    with opened(path) as file:
        for block in blocks(file):
            extent = _Extent.of(block)
            peak = float(np.maximum(peak, extent.peak))
            whole = whole and extent.whole
            n_beyond += extent.beyond * len(block)
            n_read += len(block)
    return _Extent(peak, whole, n_beyond / max(1, n_read))


def _note(read_s: float, claimed_s: float | None, start_s: float, duration_s: float | None) -> str:
    """What a file lacks of what its header or a manifest says, or has beyond."""
    if duration_s is not None:
        if read_s < duration_s - _TOLERANCE_S:
            return f"ends early: {read_s:.1f} s are left of a stretch of {duration_s:.1f} s"
        return ""
    end_s = start_s + read_s
    if claimed_s and abs(end_s - claimed_s) > max(_TOLERANCE_S, _TOLERANCE * claimed_s):
        return f"not as long as its header says: {end_s:.1f} s could be read of {claimed_s:.1f} s"
    return ""
