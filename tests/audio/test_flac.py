import numpy as np
import pytest

from fedasc.audio.flac import last_sample
from tests.audio.odd_files import encoded, flac, sweep


@pytest.mark.parametrize("n_samples", [100, 4096, 4097, 50_000])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 12_345])
def test_the_last_frame_tells_where_it_ends(n_samples: int, subtype: str, rate_hz: int) -> None:
    data = encoded(sweep(4)[:n_samples], "FLAC", rate_hz=rate_hz, subtype=subtype)
    assert last_sample(data, 0) == n_samples
    assert last_sample(b"a tag" + data, 5) == n_samples


def test_what_the_file_claims_does_not_matter() -> None:
    assert last_sample(flac(sweep(2), 5), 0) == last_sample(flac(sweep(2), 0), 0) == 32_000


def test_a_frame_with_a_wrong_checksum_is_none() -> None:
    data = bytearray(encoded(np.zeros(10_000, np.float32), "FLAC"))
    last = data.rindex(b"\xff\xf8")
    data[last + 4] ^= 1
    assert last_sample(bytes(data), 0) == 8192
