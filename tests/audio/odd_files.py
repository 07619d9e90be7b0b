"""Files as encoders, recorders and downloads leave them, made of sound that tells its place."""

import io
import struct
from typing import Any

import numpy as np
import soundfile

from fedasc.audio import Signal

RATE_HZ = 16_000


def sweep(seconds: float, *, rate_hz: int = RATE_HZ) -> Signal:
    """A tone whose pitch rises, in noise, so that every stretch can be told from the others."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    tone = 0.2 * np.sin(2 * np.pi * (300 + 20 * times) * times)
    noise = 0.02 * np.random.default_rng(0).standard_normal(len(times))
    return (tone + noise).astype(np.float32)


def encoded(sound: Signal, kind: str, *, rate_hz: int = RATE_HZ, **further: Any) -> bytes:
    """A file's bytes; of Ogg with Vorbis unless a subtype says something else."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate_hz, format=kind, **further)
    return file.getvalue()


def with_number(data: bytes, at: int, layout: str, number: int) -> bytes:
    """The same with another number in its header."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, number)
    return bytes(changed)


def flac(sound: Signal, n_claimed: int) -> bytes:
    """A FLAC file that claims a number of samples; 0 for unknown, as streams have it."""
    data = encoded(sound, "FLAC")
    return with_number(
        with_number(data, 21, "B", data[21] & 0xF0 | n_claimed >> 32), 22, ">I", n_claimed % 2**32
    )


def unindexed_mp3(sound: Signal, **further: Any) -> bytes:
    """MP3 without its first frame, which is the index."""
    data = encoded(sound, "MP3", **further)
    return data[data.index(data[:2], 100) :]
