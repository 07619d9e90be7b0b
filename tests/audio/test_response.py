from typing import Any

import numpy as np
import pytest
from scipy.signal import butter, freqz, minimum_phase, sosfilt, sosfilt_zi

from fedasc.audio.response import Response
from fedasc.errors import SettingsError

HZ = (50.0, 100.0, 200.0, 500.0, 1000.0, 3000.0, 6000.0, 16_000.0)
DB = (-20.0, -14.0, -6.0, -1.0, 0.0, 5.0, -3.0, -12.0)
MEASURED = Response(name="measured", hz=HZ, db=DB)
SOS = butter(2, [100, 6000], "bandpass", fs=16_000, output="sos")
BIQUADS = Response(name="biquads", biquads=tuple(map(tuple, (SOS * 2.5).tolist())))
TAPS = Response(name="taps", taps=(0.9, -0.2, 0.05, 0.3, 0.0, 0.0, 0.0, 0.0, -0.1))

every_form = pytest.mark.parametrize("response", [MEASURED, BIQUADS, TAPS], ids=lambda r: r.name)


def impulse_response(response: Response, n: int) -> Any:
    """The filter is linear, and settled at zero before the impulse."""
    impulse = np.zeros((1, n + 1))
    impulse[0, 1] = 1
    return response.hear(impulse)[0, 1:]


def test_taps_are_those_given_and_no_others(rng: np.random.Generator) -> None:
    np.testing.assert_array_equal(impulse_response(TAPS, 12)[:9], TAPS.taps)
    assert not impulse_response(TAPS, 12)[9:].any()
    signal = rng.normal(size=(2, 3000))
    for row, heard in zip(signal, TAPS.hear(signal), strict=True):
        before = np.full(len(TAPS.taps) - 1, row[0])
        expected = np.convolve(np.concatenate([before, row]), TAPS.taps, "valid")
        np.testing.assert_allclose(heard, expected, rtol=0, atol=1e-13)


def test_biquads_are_those_of_scipy(rng: np.random.Generator) -> None:
    signal = rng.normal(size=(2, 3000)) + 0.5
    state = sosfilt_zi(SOS)
    for row, heard in zip(signal, BIQUADS.hear(signal), strict=True):
        expected, _ = sosfilt(SOS, row, zi=state * row[0])
        np.testing.assert_allclose(heard, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("hz", "tolerance_db"), [(75, 0.3), (140, 0.1), (700, 0.05), (2000, 0.05), (4500, 0.05)]
)
def test_measured_gains_are_met_between_their_frequencies(hz: float, tolerance_db: float) -> None:
    sine = np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)[None]
    heard = MEASURED.hear(sine)[:, -8_000:]
    rise_db = 20 * np.log10(np.linalg.norm(heard) / np.linalg.norm(sine[:, -8_000:]))
    assert rise_db == pytest.approx(np.interp(np.log(hz), np.log(HZ), DB), abs=tolerance_db)


def test_measured_gains_become_the_response_of_least_delay() -> None:
    """Against SciPy, which takes the cepstrum of what has these gains with linear phase."""
    designed = impulse_response(MEASURED, 256)
    even = np.concatenate([designed, np.zeros(2**14)])
    gains = np.abs(np.fft.rfft(even)) ** 2
    linear = np.roll(np.fft.irfft(gains), 255)[:511]
    least = minimum_phase(linear, method="homomorphic", n_fft=2**16, half=True)
    np.testing.assert_allclose(designed, least, rtol=0, atol=2e-4)


@every_form
def test_gains_are_those_of_the_filter(response: Response) -> None:
    hz = np.array([75.0, 300.0, 1000.0, 4000.0])
    _, spectrum = freqz(impulse_response(response, 16_000), worN=hz, fs=16_000)
    np.testing.assert_allclose(response.gains_db(hz), 20 * np.log10(np.abs(spectrum)), atol=1e-6)


@every_form
@pytest.mark.parametrize("n_samples", [1, 7, 1024, 1025, 2500])
def test_streams_side_by_side_give_bitwise_each_alone(
    n_samples: int, response: Response, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(3, n_samples)).astype(np.float32)
    signals.setflags(write=False)
    heard = response.hear(signals)
    assert heard.dtype == np.float32
    assert heard.shape == signals.shape
    np.testing.assert_array_equal(heard, np.vstack([response.hear(row[None]) for row in signals]))
    beginning = response.hear(signals[:, : n_samples // 2 + 1])
    np.testing.assert_array_equal(heard[:, : n_samples // 2 + 1], beginning)


@every_form
def test_a_constant_signal_starts_settled(response: Response) -> None:
    heard = response.hear(np.full((1, 400), 0.3))
    np.testing.assert_allclose(heard, heard[0, -1], rtol=0, atol=1e-12)


def test_ringing_ends_in_zeros_and_not_in_denormals() -> None:
    assert impulse_response(BIQUADS, 40_000)[-1] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"taps": (1.0,)}, "give either hz and db, or taps, or biquads"),
        ({"hz": (), "db": ()}, "give either"),
        ({"name": " "}, "give it a name"),
        ({"db": (1.0,)}, "with one db for each"),
        ({"hz": (100.0, 100.0), "db": (0.0, 0.0)}, "hz must rise"),
        ({"hz": (0.0, 100.0), "db": (0.0, 0.0)}, "hz must rise"),
        ({"hz": (100.0, 200.0), "db": (0.0, float("nan"))}, "must be finite"),
        ({"hz": (100.0, 1000.0), "db": (-25.0, 0.0)}, "got -25.1 to"),
        ({"hz": (100.0,), "db": (61.0,)}, "within 60 dB of 0"),
    ],
)
def test_what_is_no_response_is_refused(change: dict[str, Any], reason: str) -> None:
    given: dict[str, Any] = {"name": "odd", "hz": HZ, "db": DB} | change
    with pytest.raises(SettingsError, match=reason):
        Response(**given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"biquads": ((1.0, 0.0, 0.0, 1.0, -2.0, 1.0),)}, "a stable filter"),
        ({"biquads": ((1.0, 0.0, 0.0, 1.0, 0.0, 1.001),)}, "a stable filter"),
        ({"biquads": ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0),)}, "a stable filter"),
        ({"biquads": ((1.0, 0.0, 0.0, 0.1, 0.1),)}, "b0, b1, b2, a0, a1, a2"),
        ({"taps": (1.0,) * 4097}, "at most 4096 taps"),
        ({"taps": (0.0,)}, "within 60 dB of 0"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        Response(name="odd", **given)
