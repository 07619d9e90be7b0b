"""Where sound comes from."""

import io
import os
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from fedasc.audio.files import read_recording
from fedasc.errors import AudioError
from fedasc.live.sounds import Blocks, of_file, of_pipe, resampled

SOUND = np.random.default_rng(4).normal(0, 3000, 40_000).astype(np.int16)


def joined(blocks: Blocks) -> np.ndarray:
    return np.concatenate(list(blocks))


def pipe(content: bytes) -> io.BufferedReader:
    """Content as another process sends it: in pieces, and nothing of it twice."""
    reader, writer = os.pipe()
    os.write(writer, content[:60_000])  # as much as a pipe takes at once
    os.close(writer)
    return os.fdopen(reader, "rb")


def wav(samples: np.ndarray, rate_hz: int = 16_000, n_bytes: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(samples.shape[1] if samples.ndim > 1 else 1)
        sound.setsampwidth(n_bytes)
        sound.setframerate(rate_hz)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def test_raw_samples_come_as_they_are_sent() -> None:
    some = SOUND[:20_001]
    with pipe(some.astype("<i2").tobytes()) as sound:
        heard = joined(of_pipe(sound))
    assert heard.dtype == np.int16
    assert heard.tolist() == some.tolist()


def test_half_a_sample_at_the_end_is_none() -> None:
    with pipe(SOUND[:5].astype("<i2").tobytes() + b"\x01") as sound:
        assert joined(of_pipe(sound)).tolist() == SOUND[:5].tolist()


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_wav_through_a_pipe_is_heard_as_from_a_file(rate_hz: int, tmp_path: Path) -> None:
    content = wav(SOUND[:25_000], rate_hz)
    (tmp_path / "sound.wav").write_bytes(content)
    with pipe(content) as sound:
        heard = joined(of_pipe(sound))
    if heard.dtype == np.int16:
        heard = heard / np.float32(32768)
    whole = read_recording(tmp_path / "sound.wav")
    assert len(heard) == len(whole)
    assert np.abs(heard - whole).max() < 1e-6


def test_a_header_that_knows_no_length_is_no_matter() -> None:
    """As espeak-ng and ffmpeg write it when they can't go back."""
    content = bytearray(wav(SOUND[:1000]))
    content[4:8], content[40:44] = b"\xff\xff\xff\x7f", b"\xdb\xff\xff\x7f"
    with pipe(bytes(content)) as sound:
        assert joined(of_pipe(sound)).tolist() == SOUND[:1000].tolist()


def test_of_several_channels_the_first_is_heard() -> None:
    channels = np.stack([SOUND[:1000], SOUND[1000:2000]], axis=1)
    with pipe(wav(channels)) as sound:
        assert joined(of_pipe(sound)).tolist() == SOUND[:1000].tolist()


@pytest.mark.parametrize("content", [wav(SOUND[:999], n_bytes=3), b"RIFF", b"RIFF\0\0\0\0AVI LIST"])
def test_other_kinds_of_wav_are_refused(content: bytes) -> None:
    with pipe(content) as sound, pytest.raises(AudioError, match="expected WAV of 16-bit samples"):
        joined(of_pipe(sound))


def test_raw_samples_of_another_rate_are_resampled() -> None:
    with pipe(SOUND[:24_000].astype("<i2").tobytes()) as sound:
        heard = joined(of_pipe(sound, rate_hz=48_000))
    whole = soxr.resample(SOUND[:24_000].astype(np.float32) / 32768, 48_000, 16_000, quality="HQ")
    assert len(heard) == 8000
    assert np.abs(heard - whole).max() < 1e-6


def test_a_rate_that_lacks_the_top_band_is_refused() -> None:
    with pytest.raises(AudioError, match="sampled at 8000 Hz"):
        joined(resampled(iter([SOUND]), 8000))


def test_a_file_is_heard_as_corpora_are(tmp_path: Path) -> None:
    path = tmp_path / "sound.flac"
    soundfile.write(path, SOUND, 44_100)
    assert joined(of_file(path)).tobytes() == read_recording(path).tobytes()
