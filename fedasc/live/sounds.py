"""Where sound comes from: files, standard input, or a microphone. Never imports torch."""

import wave
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from fedasc.audio import Signal, Stored
from fedasc.audio.files import MIN_SOURCE_RATE_HZ, read_recording
from fedasc.errors import AudioError

Blocks = Iterator[Signal | Stored]
"""(n_samples,) at a time, of any length, full scale 1.0 or 32768 of int16."""

_RATE_HZ = 16_000
_BYTES_AT_ONCE = 3_200
_STANDARD_INPUT = "standard input"


def of_file(path: Path) -> Blocks:
    """The first channel of an audio file; see `read_recording`.

    Raises:
        AudioError: If it can't be read.
    """
    yield read_recording(path)


def of_pipe(pipe: BufferedReader, *, rate_hz: int = _RATE_HZ) -> Blocks:
    """Sound as another program writes it: raw, or WAV, of which the first channel is heard.

    Args:
        pipe: 16-bit samples with their least byte first; of raw ones a single channel.
        rate_hz: Of raw samples; of WAV the header tells.

    Raises:
        AudioError: If it is sampled below 14 kHz, or is WAV of another kind.
    """
    if pipe.peek(4)[:4] != b"RIFF":
        yield from resampled(_raw(pipe), rate_hz)
        return
    try:
        with wave.open(pipe) as sound:
            if sound.getsampwidth() != 2:
                raise wave.Error(f"{8 * sound.getsampwidth()} bits")
            yield from resampled(_of_wave(sound), sound.getframerate())
    except (wave.Error, EOFError) as error:
        raise AudioError(
            f"{_STANDARD_INPUT}: expected WAV of 16-bit samples ({error}); save it to a file, "
            "and give that"
        ) from error


def resampled(blocks: Iterator[Stored], rate_hz: int) -> Blocks:
    """Blocks at 16 kHz: as they are if that is their rate, else resampled (soxr, high quality).

    Raises:
        AudioError: If the rate is below 14 kHz.
    """
    if rate_hz < MIN_SOURCE_RATE_HZ:
        raise AudioError(
            f"{_STANDARD_INPUT}: sampled at {rate_hz} Hz; the features need at least "
            f"{MIN_SOURCE_RATE_HZ} Hz"
        )
    if rate_hz == _RATE_HZ:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_hz, _RATE_HZ, 1, dtype="float32", quality="HQ")
    for block in blocks:
        yield stream.resample_chunk(_in_single(block))
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def _raw(pipe: BufferedReader) -> Iterator[Stored]:
    """Whole samples; half of one at the end is none."""
    rest = b""
    while some := pipe.read1(_BYTES_AT_ONCE):
        some = rest + some
        n_bytes = len(some) // 2 * 2
        rest = some[n_bytes:]
        yield _samples(some[:n_bytes])


def _of_wave(sound: wave.Wave_read) -> Iterator[Stored]:
    n_channels = sound.getnchannels()
    while some := sound.readframes(_BYTES_AT_ONCE // 2):
        n_bytes = len(some) // (2 * n_channels) * (2 * n_channels)
        yield _samples(some[:n_bytes]).reshape(-1, n_channels)[:, 0]


def _samples(some: bytes) -> Stored:
    samples: NDArray[np.int16] = np.frombuffer(some, "<i2").astype(np.int16)
    return samples


def _in_single(block: NDArray[Any]) -> NDArray[np.float32]:
    return block.astype(np.float32) / np.float32(1 << 15)
