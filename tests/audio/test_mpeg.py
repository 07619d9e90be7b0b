import io

import numpy as np
import pytest
import soundfile

from fedasc.audio.mpeg import mpeg_streams
from tests.audio.odd_files import encoded, sweep, unindexed_mp3

VARIABLE = {"bitrate_mode": "VARIABLE", "compression_level": 0.5}


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("further", [VARIABLE, {}], ids=["variable", "constant"])
def test_frames_are_counted_as_the_encoder_counted_them(
    rate_hz: int, n_channels: int, further: dict[str, object]
) -> None:
    sound = np.repeat(sweep(1)[:, None], n_channels, axis=1)
    (stream,) = mpeg_streams(encoded(sound, "MP3", rate_hz=rate_hz, **further))
    assert stream.n_indexed == stream.n_frames > 0
    (bare,) = mpeg_streams(unindexed_mp3(sound, rate_hz=rate_hz, **further))
    assert (bare.n_indexed, bare.n_frames) == (None, stream.n_frames)
    assert len(sound) < bare.n_samples < len(sound) + 4 * 1152


def test_an_index_that_is_made_lets_all_be_decoded() -> None:
    data = unindexed_mp3(sweep(20), **VARIABLE)
    (stream,) = mpeg_streams(data)
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert file.frames < 0.9 * stream.n_samples
    with soundfile.SoundFile(io.BytesIO(stream.bytes_of(data))) as file:
        delay = 529  # of the decoder, which drops it
        assert file.frames == len(file.read()) == stream.n_samples - delay


def test_an_index_that_tells_too_few_is_corrected_and_a_true_one_left_alone() -> None:
    data = encoded(sweep(3), "MP3")
    (stream,) = mpeg_streams(data)
    assert stream.bytes_of(data) == data[stream.start : stream.end]
    count = stream.n_frames.to_bytes(4)
    for told in (1, 0):
        lying = data.replace(count, told.to_bytes(4), 1)
        (found,) = mpeg_streams(lying)
        assert (found.n_indexed, found.n_frames) == (told, stream.n_frames)
        (mended,) = mpeg_streams(found.bytes_of(lying))
        assert mended.n_indexed == mended.n_frames == stream.n_frames


def test_tags_and_other_bytes_part_streams_and_are_no_frames() -> None:
    half = unindexed_mp3(sweep(2))
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0x10, 0]) + b"\xff\xfb\x90\x00" * 512
    streams = mpeg_streams(tag + half + tag + half + b"TAG" + bytes(125))
    assert [stream.n_frames for stream in streams] == [mpeg_streams(half)[0].n_frames] * 2
    assert streams[0].start == len(tag)
    joined = mpeg_streams(encoded(sweep(2), "MP3") * 2)
    assert [stream.n_indexed for stream in joined] == [stream.n_frames for stream in joined]
    rates = [unindexed_mp3(sweep(2), rate_hz=rate_hz) for rate_hz in (16_000, 48_000)]
    assert len(mpeg_streams(b"".join(rates))) == 2
    assert mpeg_streams(bytes(range(256)) * 40) == ()
    assert mpeg_streams(b"\xff\xfb\x90\x00" + bytes(2000)) == ()  # looks like a header, once
