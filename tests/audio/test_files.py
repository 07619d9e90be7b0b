import os
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from fedasc.audio import FloatArray, Signal
from fedasc.audio.files import length_s, read_recording, read_sound
from fedasc.errors import AudioError


def tone(frequency_hz: float, rate_hz: int, *, seconds: float = 2.0) -> FloatArray:
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return np.asarray(0.5 * np.sin(2 * np.pi * frequency_hz * t_s))


def rms_db(signal: Signal) -> float:
    return float(10 * np.log10(np.mean(np.square(signal, dtype=np.float64))))


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_16", 1 / 32768),
        ("a.wav", "PCM_24", 2**-23),
        ("a.wav", "FLOAT", 1e-7),
        ("a.flac", "PCM_16", 1 / 32768),
        ("a.ogg", "VORBIS", 0.02),
    ],
)
def test_what_was_written_is_read(
    name: str, subtype: str, tolerance: float, tmp_path: Path
) -> None:
    written = tone(440, 16_000)
    soundfile.write(tmp_path / name, written, 16_000, subtype=subtype)
    read = read_recording(tmp_path / name)
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, written, rtol=0, atol=tolerance)


def test_the_first_channel_is_taken_not_the_mean(tmp_path: Path) -> None:
    left, right = tone(440, 16_000), tone(1000, 16_000)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    np.testing.assert_allclose(read_recording(tmp_path / "a.wav"), left, atol=1e-6)


@pytest.mark.parametrize("source_rate_hz", [14_000, 22_050, 44_100, 48_000])
def test_resampling_keeps_frequency_level_and_duration(source_rate_hz: int, tmp_path: Path) -> None:
    written = tone(1000, source_rate_hz)
    soundfile.write(tmp_path / "a.flac", written, source_rate_hz)
    read = read_recording(tmp_path / "a.flac")
    assert len(read) == pytest.approx(32_000, abs=1)
    middle = read[4_000:28_000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.fft.rfftfreq(len(middle), 1 / 16_000)[spectrum.argmax()] == pytest.approx(1000, abs=1)
    assert rms_db(middle) == pytest.approx(rms_db(written), abs=0.02)


def test_what_the_new_rate_cannot_hold_is_filtered_out(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(11_000, 44_100), 44_100, subtype="FLOAT")
    assert rms_db(read_recording(tmp_path / "a.wav")[4_000:28_000]) < -80


def test_another_rate_can_be_asked_for(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440, 16_000), 16_000)
    assert len(read_recording(tmp_path / "a.wav", sample_rate_hz=24_000)) == 48_000


def test_what_has_the_wanted_rate_keeps_its_bits_as_in_soxr(tmp_path: Path) -> None:
    written = tone(440, 16_000).astype(np.float32)
    written[:3] = -0.0, 1e-42, -1.0
    soundfile.write(tmp_path / "a.wav", written, 16_000, subtype="FLOAT")
    read = read_recording(tmp_path / "a.wav")
    assert read.tobytes() == written.tobytes()
    assert read.tobytes() == soxr.resample(written, 16_000, 16_000, quality="HQ").tobytes()


def write_nothing(path: Path) -> None:
    assert not path.exists()


def write_folder(path: Path) -> None:
    path.mkdir()


def write_no_bytes(path: Path) -> None:
    path.touch()


def write_text(path: Path) -> None:
    path.write_text("this is no audio " * 100)


def write_no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0), 16_000)


def write_telephone(path: Path) -> None:
    soundfile.write(path, tone(440, 8_000), 8_000)


def write_rays(path: Path) -> None:
    soundfile.write(path, tone(440, 16_000), 2**30)


def write_pipe(path: Path) -> None:
    os.mkfifo(path)


def write_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(path))  # names of sockets are short


def write_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def write_nan(path: Path) -> None:
    samples = tone(440, 16_000)
    samples[5_000] = np.nan
    soundfile.write(path, samples, 16_000, subtype="FLOAT")


def write_infinity(path: Path) -> None:
    soundfile.write(path, np.array([0.1, np.inf]), 16_000, subtype="FLOAT")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (write_nothing, "no such file"),
        (write_folder, "no such file"),
        (write_no_bytes, "not a readable audio file"),
        (write_text, "not a readable audio file"),
        (write_no_samples, "no samples"),
        (write_telephone, "8000 Hz"),
        (write_rays, "1073741824 Hz by its header"),
        (write_pipe, "not a regular file"),
        (write_socket, "not a regular file"),
        (write_device, "not a regular file"),
        (write_nan, "not finite"),
        (write_infinity, "not finite"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    write: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.wav"
    write(path)
    with pytest.raises(AudioError, match=reason) as caught:
        read_recording(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).count(str(path)) == 1


def test_headerless_audio_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "headerless.raw"
    path.write_bytes(bytes(64_000))
    with pytest.raises(AudioError, match=r"headerless\.raw"):
        read_recording(path)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg"])
@pytest.mark.parametrize(
    ("start_s", "duration_s"), [(0.0, 0.5), (0.25, 0.5), (1.5, None), (1.9, 0.5), (0.0, None)]
)
def test_a_stretch_is_just_that_part_of_the_file(
    name: str, start_s: float, duration_s: float | None, tmp_path: Path
) -> None:
    noise = 0.1 * np.random.default_rng(0).normal(size=32_000)
    soundfile.write(tmp_path / name, noise, 16_000)
    whole = read_recording(tmp_path / name)
    start, end = round(start_s * 16_000), round((start_s + (duration_s or 9)) * 16_000)
    stretch = read_recording(tmp_path / name, start_s=start_s, duration_s=duration_s)
    assert len(stretch) == min(end, 32_000) - start
    np.testing.assert_array_equal(stretch, whole[start:end])


def test_a_stretch_is_cut_at_the_files_own_rate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1000, 44_100), 44_100, subtype="FLOAT")
    whole = read_recording(tmp_path / "a.wav")
    stretch = read_recording(tmp_path / "a.wav", start_s=0.5, duration_s=1.0)
    assert len(stretch) == 16_000
    np.testing.assert_allclose(stretch[200:-200], whole[8_200:23_800], atol=1e-3)


@pytest.mark.parametrize(("start_s", "duration_s"), [(2.0, None), (5.0, 1.0), (0.5, 0.0)])
def test_a_stretch_of_nothing_is_refused(
    start_s: float, duration_s: float | None, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440, 16_000), 16_000)
    with pytest.raises(AudioError, match=r"a\.wav: holds no samples"):
        read_recording(tmp_path / "a.wav", start_s=start_s, duration_s=duration_s)


def test_the_length_is_told_without_decoding(tmp_path: Path) -> None:
    for name, rate_hz in (("a.wav", 16_000), ("a.flac", 44_100), ("a.ogg", 48_000)):
        soundfile.write(tmp_path / name, tone(440, rate_hz, seconds=1.5), rate_hz)
        assert length_s(tmp_path / name) == pytest.approx(1.5)


@pytest.mark.parametrize(
    "write", [write_nothing, write_folder, write_no_bytes, write_text, write_pipe, write_device]
)
@pytest.mark.parametrize("name", ["bad.wav", "bad.raw"])
def test_a_length_that_cannot_be_told_is_zero(
    write: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    write(tmp_path / name)
    assert length_s(tmp_path / name) == 0


def written_floats(path: Path, factor: float) -> Signal:
    """Five seconds that get louder, times a factor, in a file of floats."""
    sound = (np.linspace(0.0, 0.9, 80_000) * tone(440, 16_000, seconds=5)).astype(np.float32)
    soundfile.write(path, np.rint(sound * factor) if factor == 3000 else sound * factor, 16_000,
                    subtype="FLOAT")  # fmt: skip
    return sound


@pytest.mark.parametrize(
    ("factor", "full_scale"), [(1.0, 1.0), (3000, 32_768), (32_768, 32_768), (2.0**23, 2.0**23)]
)
def test_integers_in_floats_are_scaled_and_all_stretches_alike(
    factor: float, full_scale: float, tmp_path: Path
) -> None:
    sound = written_floats(tmp_path / "a.wav", factor) * np.float32(factor / full_scale)
    whole = read_sound(tmp_path / "a.wav")
    assert (whole.full_scale, whole.clipped) == (full_scale, 0)
    np.testing.assert_allclose(whole.signal, sound, atol=1e-4)
    quiet = read_sound(tmp_path / "a.wav", duration_s=0.01)
    assert quiet.full_scale == full_scale
    np.testing.assert_array_equal(quiet.signal, whole.signal[:160])


def test_loud_floats_are_refused_unless_their_full_scale_is_told(tmp_path: Path) -> None:
    sound = written_floats(tmp_path / "a.wav", 5)
    with pytest.raises(AudioError, match=r"a\.wav: floats beyond full scale: .* up to 2.25; .* 4$"):
        read_recording(tmp_path / "a.wav")
    scaled = read_sound(tmp_path / "a.wav", full_scale=4)
    assert (scaled.full_scale, scaled.clipped) == (4, 0)
    np.testing.assert_allclose(scaled.signal, sound * 5 / 4, atol=1e-6)
    with pytest.raises(AudioError, match=r"up to 2.25; .* example 4$"):
        read_sound(tmp_path / "a.wav", full_scale=2)


def test_full_scale_of_integers_is_that_of_their_format(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", tone(440, 16_000), 16_000)
    scaled = read_sound(tmp_path / "a.flac", full_scale=32_768)
    assert scaled.full_scale == 1
    np.testing.assert_array_equal(scaled.signal, read_recording(tmp_path / "a.flac"))


def test_samples_at_full_scale_are_counted_before_resampling(tmp_path: Path) -> None:
    loud = np.clip(4 * tone(100, 44_100), -1, 1)
    share = np.mean(np.abs(loud) == 1)
    assert share > 0.5
    for name, subtype in (("a.wav", "PCM_16"), ("b.wav", "PCM_U8"), ("c.wav", "FLOAT")):
        soundfile.write(tmp_path / name, loud, 44_100, subtype=subtype)
        assert read_sound(tmp_path / name).clipped == pytest.approx(share, abs=0.005)
    soundfile.write(tmp_path / "a.wav", 0.9 * loud, 44_100)
    assert read_sound(tmp_path / "a.wav").clipped == 0


def test_a_name_that_is_not_utf_8_is_no_obstacle(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440, 16_000), 16_000)
    odd = Path(os.fsdecode(os.fsencode(tmp_path / "b") + b"\xff.wav"))
    (tmp_path / "a.wav").rename(odd)
    assert len(read_recording(odd)) == 32_000
