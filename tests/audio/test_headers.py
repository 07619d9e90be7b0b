"""What headers claim, through the door that recordings come in by."""

from pathlib import Path

import numpy as np
import pytest

from fedasc.audio import Signal
from fedasc.audio.files import length_s, read_sound
from fedasc.errors import AudioError
from tests.audio.odd_files import RATE_HZ, encoded, flac, sweep, unindexed_mp3, with_number

WHOLE = sweep(6)
HALVES = WHOLE[: 3 * RATE_HZ], WHOLE[3 * RATE_HZ :]
WAV, AIFF, AU, CAF, RF64 = (encoded(WHOLE, kind) for kind in ("WAV", "AIFF", "AU", "CAF", "RF64"))
SSND, DATA = AIFF.index(b"SSND") + 4, CAF.index(b"data") + 4
VARIABLE = {"bitrate_mode": "VARIABLE", "compression_level": 0.5}
SAMPLE_CHUNK = len(WHOLE) * 2

FILES = {
    "unknown.flac": flac(WHOLE, 0),
    "claims_a_second.flac": flac(WHOLE, RATE_HZ),
    "claims_an_hour.flac": flac(WHOLE, 3600 * RATE_HZ),
    "claims_a_year.flac": flac(WHOLE, 2**36 - 1),
    "tagged.flac": flac(WHOLE, len(WHOLE)) + b"TAG" + bytes(125),
    "nothing.wav": with_number(WAV, 40, "<I", 0),
    "streamed.wav": with_number(WAV, 40, "<I", 2**32 - 1),
    "claims_a_second.wav": with_number(WAV, 40, "<I", RATE_HZ * 2),
    "claims_an_hour.wav": with_number(WAV, 40, "<I", RATE_HZ * 7200),
    "claims_a_second.rf64": with_number(RF64, 28, "<Q", RATE_HZ * 2),
    "claims_a_second.aiff": with_number(AIFF, SSND, ">I", RATE_HZ * 2),
    "claims_a_second.caf": with_number(CAF, DATA, ">Q", RATE_HZ * 2),
    "nothing.au": with_number(AU, 8, ">I", 0),
    "streamed.au": with_number(AU, 8, ">I", 2**32 - 1),
    "chained.ogg": b"".join(encoded(half, "OGG") for half in HALVES),
    "chained_opus.ogg": b"".join(encoded(half, "OGG", subtype="OPUS") for half in HALVES),
    "joined.mp3": b"".join(encoded(half, "MP3") for half in HALVES),
    "joined_variable.mp3": b"".join(unindexed_mp3(half, **VARIABLE) for half in HALVES),
    "unindexed.mp3": unindexed_mp3(WHOLE, **VARIABLE),
}
WRONG = {name for name in FILES if "claims" in name}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def likeness(sound: Signal, place_s: float) -> float:
    """How like the original 0.1 s of decoded sound are, at best a codec's delay later."""
    start, n = round(place_s * RATE_HZ), RATE_HZ // 10
    original = WHOLE[start : start + n]
    windows = np.lib.stride_tricks.sliding_window_view(sound[start : start + n + 2400], n)
    likes = windows @ original / np.linalg.norm(windows, axis=1) / np.linalg.norm(original)
    return float(likes.max())


@pytest.mark.parametrize("name", FILES)
def test_all_of_a_file_is_read_whatever_its_header_claims(name: str, folder: Path) -> None:
    sound = read_sound(folder / name)
    lossy = name.endswith(("mp3", "ogg"))
    slack = 0.2 * RATE_HZ if name.endswith("mp3") else 1
    assert len(WHOLE) <= len(sound.signal) < len(WHOLE) + slack
    if lossy:
        assert min(likeness(sound.signal, place_s) for place_s in (0.5, 2.2, 3.6, 5.2)) > 0.95
    else:
        np.testing.assert_allclose(sound.signal, WHOLE, atol=2 / 32768)
    assert bool(sound.note) == (name in WRONG)
    if name in WRONG:
        assert sound.note.startswith("not as long as its header says: 6.0 s could be read of ")


@pytest.mark.parametrize("name", FILES)
def test_a_stretch_of_it_is_that_of_the_whole(name: str, folder: Path) -> None:
    whole = read_sound(folder / name).signal
    for start_s, duration_s in ((0.25, 0.5), (2.0, 2.5), (4.5, 1.0), (5.0, None)):
        stretch = read_sound(folder / name, start_s=start_s, duration_s=duration_s)
        start = round(start_s * RATE_HZ)
        end = len(whole) if duration_s is None else start + round(duration_s * RATE_HZ)
        assert len(stretch.signal) == end - start
        # behind a place that was sought, MP3 takes a frame and Opus 80 ms to be themselves
        settled = slice(1600 if name.endswith(("mp3", "ogg")) else 0, None)
        np.testing.assert_allclose(
            stretch.signal[settled],
            whole[start:end][settled],
            atol=1e-3 if "opus" in name else 1e-5,
        )
        assert duration_s is None or not stretch.note


@pytest.mark.parametrize("name", FILES)
def test_a_stretch_beyond_the_end_is_said(name: str, folder: Path) -> None:
    cut = read_sound(folder / name, start_s=5, duration_s=10)
    assert cut.note.startswith(f"ends early: {len(cut.signal) / RATE_HZ:.1f} s are left of a st")
    with pytest.raises(AudioError, match=rf"{name}: (holds no samples|not a readable).*100"):
        read_sound(folder / name, start_s=100, duration_s=10)


@pytest.mark.parametrize("name", FILES)
def test_its_length_is_about_what_can_be_read(name: str, folder: Path) -> None:
    assert length_s(folder / name) == pytest.approx(6, abs=0.2)


@pytest.mark.parametrize(
    "behind",
    [
        b"LIST\x04\0\0\0INFO",
        b"id3 \x00\x10\0\0" + bytes(4096),
        b"ID3" + bytes(range(256)) * 40,
        bytes(40_000),
        b"some junk",
    ],
    ids=["list", "chunk", "tag", "zeros", "little"],
)
def test_what_follows_samples_in_a_wav_is_not_taken_for_samples(
    behind: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.wav").write_bytes(WAV + behind)
    sound = read_sound(tmp_path / "a.wav")
    assert len(sound.signal) == len(WHOLE)
    assert not sound.note


@pytest.mark.parametrize(
    ("name", "content", "outcome"),
    [
        ("cut.wav", WAV[: len(WAV) // 2], "3.0 s could be read of 6.0 s"),
        ("cut.mp3", encoded(WHOLE, "MP3")[:12_000], "s could be read of 6.0 s"),
        ("cut.flac", FILES["tagged.flac"][:60_000], "not a readable audio file (at "),
        ("cut_stream.flac", FILES["unknown.flac"][:60_000], "not a readable audio file (at "),
    ],
)
def test_what_was_cut_off_is_said(name: str, content: bytes, outcome: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    try:
        said = read_sound(tmp_path / name).note
    except AudioError as error:
        said = str(error)
    assert outcome in said


def test_damage_amid_a_file_is_said(tmp_path: Path) -> None:
    data = bytearray(encoded(WHOLE, "OGG"))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    (tmp_path / "a.ogg").write_bytes(data)
    sound = read_sound(tmp_path / "a.ogg")
    assert f"{len(sound.signal) / RATE_HZ:.1f} s could be read of 6.0 s" in sound.note


def test_links_of_several_rates_are_refused_by_name(tmp_path: Path) -> None:
    other = encoded(sweep(2, rate_hz=48_000), "OGG", rate_hz=48_000)
    (tmp_path / "a.ogg").write_bytes(encoded(HALVES[0], "OGG") + other)
    with pytest.raises(AudioError, match=r"a\.ogg: changes from 16000 to 48000 Hz; give its parts"):
        read_sound(tmp_path / "a.ogg")


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_the_first_channel_of_several_is_read(kind: str, tmp_path: Path) -> None:
    data = encoded(np.stack([WHOLE, np.zeros_like(WHOLE)], axis=1), kind)
    (tmp_path / f"a.{kind}").write_bytes(data)
    assert likeness(read_sound(tmp_path / f"a.{kind}").signal, 2.0) > 0.95
