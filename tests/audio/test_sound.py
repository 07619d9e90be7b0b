import numpy as np
import pytest

from fedasc.audio.sound import check_beyond, clipped_share, full_scale_of, is_whole, peak_of
from fedasc.errors import AudioError


def test_the_peak_is_the_farthest_from_zero_whichever_side() -> None:
    assert peak_of(np.array([0.25, -0.5, 0.125], np.float32)) == 0.5
    assert peak_of(np.array([0.75, -0.5], np.float32)) == 0.75
    assert peak_of(np.zeros(0, np.float32)) == 0
    assert np.isnan(peak_of(np.array([0.5, np.nan, 0.25], np.float32)))
    assert peak_of(np.array([0.5, -np.inf], np.float32)) == np.inf


def test_whole_numbers_are_told() -> None:
    assert is_whole(np.array([-3.0, 0.0, 32767.0], np.float32))
    assert not is_whole(np.array([-3.0, 0.5, 32767.0], np.float32))


@pytest.mark.parametrize(
    ("peak", "whole", "full_scale"),
    [
        (0.5, False, 1),
        (1.0, True, 1),
        (2.4, False, 1),
        (100.0, False, 1),
        (100.0, True, 2**15),
        (128.0, False, 2**15),
        (32768.0, True, 2**15),
        (33000.0, False, 2**15),
        (1e5, False, 2**23),
        (8388608.0, True, 2**23),
        (2.0**31, True, 2**31),
        (np.nan, False, 1),
    ],
)
def test_floats_that_plainly_are_integers_have_their_full_scale(
    peak: float, whole: bool, full_scale: float
) -> None:
    assert full_scale_of(peak, whole=whole, beyond=0.5) == full_scale


@pytest.mark.parametrize("peak", [1e12, np.inf])
def test_what_no_integer_reaches_is_refused(peak: float) -> None:
    with pytest.raises(AudioError, match="beyond integers of 32 bits; name the value"):
        full_scale_of(peak, whole=False, beyond=0.5)


def test_samples_at_either_rail_are_clipped() -> None:
    samples = np.array([0.5, 32767 / 32768, -1.0, 1.5, -32766 / 32768], np.float32)
    assert clipped_share(samples, 1.5) == 3 / 5
    assert clipped_share(samples[[0, 4]], 32766 / 32768) == 0
    of_8_bits = np.array([127 / 128, -1.0, 126 / 128, -126 / 128], np.float32)
    assert clipped_share(of_8_bits, 1.0, n_bits=8) == 0.5
    assert clipped_share(of_8_bits, 1.0) == 0.25


def test_floats_are_refused_where_many_would_be_clipped() -> None:
    samples = np.ones(10_000, np.float32)
    check_beyond(samples, 1.0, full_scale=1.0)
    samples[:10] = -1.2
    check_beyond(samples, 1.2, full_scale=1.0)
    samples[10] = 2.4
    with pytest.raises(AudioError, match=r"0.11 % of the samples, up to 2.4; .* example 4$"):
        check_beyond(samples, 2.4, full_scale=1.0)
    with pytest.raises(AudioError, match=r"up to 24; .* example 32$"):
        check_beyond(samples, 2.4, full_scale=10.0)


def test_a_click_makes_no_integers() -> None:
    assert full_scale_of(900.0, whole=False, beyond=1e-5) == 1
