"""Sound as it stood in a file: what counts as full scale there, and how much of it is clipped."""

from dataclasses import dataclass

import numpy as np

from fedasc.audio import Signal
from fedasc.errors import AudioError

MAX_BEYOND = 1e-3
"""Part of a file's floats that may lie beyond full scale and be clipped; more are refused."""

CLIPPED = 1e-4
"""Part of a file's samples at full scale from which on it counts as clipped."""

_FULL_SCALES = (2.0**15, 2.0**23, 2.0**31)
"""Of integers of 16, 24 and 32 bits."""

_OVERSHOOT = 1.5
"""How far integers may pass their full scale: resampled, say, or decoded with loss."""

_INTEGERS_FROM = 128.0
"""42 dB beyond full scale: floats that go so high are integers, though they needn't be whole."""

_CURE = "name the value that is full scale in the manifest's column full_scale"


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What was read of a file.

    Args:
        signal: (n_samples,) float32, full scale 1.0.
        clipped: Which part of the samples stood at full scale or beyond, before resampling.
        full_scale: The value in the file that counted as full scale.
        note: What is odd about the file though it is used; empty if nothing.
    """

    signal: Signal
    clipped: float = 0.0
    full_scale: float = 1.0
    note: str = ""


def peak_of(samples: Signal) -> float:
    """Largest absolute value of (n_samples,); NaN or infinite if a sample is, 0 of none."""
    return float(max(samples.max(), -samples.min())) if len(samples) else 0.0


def is_whole(samples: Signal) -> bool:
    """Whether all samples are whole numbers."""
    return bool((samples == np.rint(samples)).all())


def share_beyond(samples: Signal) -> float:
    """Which part of (n_samples,) lies beyond full scale, 1.0."""
    return _share_from(samples, np.nextafter(1, 2, dtype=np.float32))


def full_scale_of(peak: float, *, whole: bool, beyond: float) -> float:
    """The value that counts as full scale in floats: 1.0, unless they plainly are integers.

    Those are whole numbers that pass 1.0, and whatever goes 42 dB beyond it, but for a click.

    Args:
        peak: Of the whole file, so that all stretches of it are scaled alike.
        whole: Whether all of the file are whole numbers.
        beyond: Which part of the file lies beyond 1.0.

    Raises:
        AudioError: If they go beyond integers of 32 bits.
    """
    if not peak > 1 or not (whole or (peak >= _INTEGERS_FROM and beyond > MAX_BEYOND)):
        return 1.0
    for full_scale in _FULL_SCALES:
        if peak <= _OVERSHOOT * full_scale:
            return full_scale
    raise AudioError(f"floats up to {peak:.3g}, beyond integers of 32 bits; {_CURE}")


def clipped_share(samples: Signal, peak: float, *, n_bits: int = 16) -> float:
    """Which part of samples stands at full scale or beyond.

    Args:
        samples: (n_samples,) full scale 1.0.
        peak: Their largest absolute value.
        n_bits: Of the integers that they were, at most 16: these reach -1, and not quite 1.
    """
    rail = 1 - 2.0 ** (1 - n_bits)
    return _share_from(samples, rail) if peak >= rail else 0.0


def check_beyond(samples: Signal, peak: float, *, full_scale: float) -> None:
    """Refuse floats many of which would be clipped.

    Args:
        samples: (n_samples,) full scale 1.0.
        peak: Their largest absolute value.
        full_scale: What they were divided by.

    Raises:
        AudioError: With the part, the peak and the cure.
    """
    beyond = share_beyond(samples) if peak > 1 else 0.0
    if beyond > MAX_BEYOND:
        peak *= full_scale
        raise AudioError(
            f"floats beyond full scale: {100 * beyond:.2g} % of the samples, up to {peak:.3g}; "
            f"{_CURE}, for example {2 ** int(np.ceil(np.log2(peak)))}"
        )


def _share_from(samples: Signal, value: float) -> float:
    """Which part of samples is as far from zero as a value, or farther."""
    n_far = np.count_nonzero(samples >= value) + np.count_nonzero(samples <= -value)
    return float(n_far / len(samples))
