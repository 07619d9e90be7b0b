import math
from typing import Any

import numpy as np
import pytest

from fedasc.audio import Signal
from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
from fedasc.audio.microphone import PIVOT_HZ, Microphone
from fedasc.audio.response import Response
from fedasc.errors import SettingsError

TILTS_DB = [-24.0, -6.0, 0.5, 6.0, 24.0]

every_tilt = pytest.mark.parametrize("tilt_db", TILTS_DB)


def stated_db(microphone: Microphone, frequency_hz: float) -> float:
    """|H| of the docstring's formula at the analog frequency that the digital one stands for."""
    g = 10 ** (microphone.tilt_db / 40)
    s, w0 = (math.tan(math.pi * hz / 16_000) for hz in (frequency_hz, PIVOT_HZ))
    response = (g * 1j * s + w0) / (1j * s + g * w0)
    return microphone.gain_db + 20 * math.log10(abs(response))


def measured_db(microphone: Microphone, frequency_hz: float) -> float:
    """Rise of a sine's level once the filter has settled; the frequency fills 0.4 s."""
    sine = np.sin(2 * np.pi * frequency_hz * np.arange(16_000) / 16_000)
    heard = microphone.hear(sine)
    return 20 * math.log10(np.linalg.norm(heard[-6_400:]) / np.linalg.norm(sine[-6_400:]))


@pytest.mark.parametrize("gain_db", [0.0, -9.0])
@every_tilt
@pytest.mark.parametrize("frequency_hz", [20.0, 250.0, 1000.0, 2500.0, 5000.0, 7900.0])
def test_sines_rise_as_the_formula_says(
    frequency_hz: float, tilt_db: float, gain_db: float
) -> None:
    microphone = Microphone(gain_db=gain_db, tilt_db=tilt_db)
    expected = stated_db(microphone, frequency_hz)
    assert measured_db(microphone, frequency_hz) == pytest.approx(expected, abs=0.1)


@every_tilt
def test_the_pivot_keeps_its_level(tilt_db: float) -> None:
    assert measured_db(Microphone(tilt_db=tilt_db), PIVOT_HZ) == pytest.approx(0, abs=1e-6)


@every_tilt
@pytest.mark.parametrize(("sign", "share"), [(1, -0.5), (-1, 0.5)], ids=["DC", "half the rate"])
def test_the_ends_of_the_spectrum_take_half_the_tilt_each(
    sign: float, share: float, tilt_db: float
) -> None:
    signal = 0.1 * np.power(float(sign), np.arange(1000))
    heard = Microphone(tilt_db=tilt_db).hear(signal)
    factor = 10 ** (share * tilt_db / 20)
    np.testing.assert_allclose(heard[-100:], factor * signal[-100:], rtol=1e-9)


@every_tilt
def test_a_constant_signal_starts_settled(tilt_db: float) -> None:
    heard = Microphone(tilt_db=tilt_db).hear(np.full(100, 0.3))
    np.testing.assert_allclose(heard, 0.3 * 10 ** (-tilt_db / 40), rtol=1e-9)


@every_tilt
@pytest.mark.parametrize(("dtype", "atol"), [(np.float32, 5e-6), (np.float64, 1e-13)])
def test_the_opposite_microphone_gives_the_signal_back(
    dtype: type[np.floating], atol: float, tilt_db: float, rng: np.random.Generator
) -> None:
    signals = 0.1 * rng.normal(size=(2, 5_000)).astype(dtype)
    there = Microphone(gain_db=7, tilt_db=tilt_db).hear(signals)
    back = Microphone(gain_db=-7, tilt_db=-tilt_db).hear(there)
    assert back.dtype == dtype
    np.testing.assert_allclose(back, signals, rtol=0, atol=atol)


@pytest.mark.parametrize("n_streams", [1, 2, 16, 17])
@pytest.mark.parametrize("n_samples", [1, 31, 32, 4_001])
def test_streams_side_by_side_give_bitwise_each_alone(
    n_samples: int, n_streams: int, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(n_streams, n_samples)).astype(np.float32)
    microphone = Microphone(gain_db=2, tilt_db=-4)
    heard = microphone.hear(signals)
    assert heard.shape == signals.shape
    assert heard.dtype == np.float32
    np.testing.assert_array_equal(heard, np.stack([microphone.hear(row) for row in signals]))


@pytest.mark.parametrize("gain_db", [-40.0, -6.0, 0.3, np.float64(12.5)])
def test_without_tilt_a_microphone_is_a_factor_to_the_bit(
    gain_db: float, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(2, 1_000)).astype(np.float32)
    heard = Microphone(gain_db=gain_db).hear(signals)
    assert heard.dtype == np.float32
    np.testing.assert_array_equal(heard, signals * np.float32(10 ** (gain_db / 20)))


def test_a_perfect_microphone_gives_the_signal_itself() -> None:
    signal = np.array([0.5, -0.0, np.float32(1e-40)], np.float32)
    assert Microphone().hear(signal) is signal


@every_tilt
def test_signals_are_left_alone(tilt_db: float, rng: np.random.Generator) -> None:
    signal = rng.normal(size=1_000)
    signal.setflags(write=False)
    assert not np.shares_memory(Microphone(tilt_db=tilt_db).hear(signal), signal)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 5)])
def test_nothing_gives_nothing(shape: tuple[int, ...]) -> None:
    assert Microphone(gain_db=1, tilt_db=6).hear(np.zeros(shape)).shape == shape


@every_tilt
def test_silence_after_sound_ends_in_zeros_and_not_in_denormals(tilt_db: float) -> None:
    signal = np.zeros(4_000)
    signal[:10] = 0.5
    assert Microphone(tilt_db=tilt_db).hear(signal)[-1] == 0


def band_levels(signals: Signal) -> Signal:
    """(n_signals, n_vectors, n_carriers) mean of the modulation bands in dB."""
    z = ams_vectors(FilterBank(reference="none"), signals)
    mean: Signal = z.reshape(*z.shape[:2], 3, 3).mean(axis=3)
    return mean


@pytest.mark.parametrize("tilt_db", [6.0, -6.0])
def test_a_tilt_moves_the_top_band_against_the_lowest(
    tilt_db: float, rng: np.random.Generator
) -> None:
    noise = 0.1 * rng.normal(size=(2, 96_000)).astype(np.float32)
    rise = band_levels(Microphone(tilt_db=tilt_db).hear(noise)) - band_levels(noise)
    apart = (rise[..., 2] - rise[..., 0]) * np.sign(tilt_db)
    assert (apart > 4).all()
    assert (apart < 6).all()


def test_the_start_does_not_spoil_the_first_vector(rng: np.random.Generator) -> None:
    """A window starts amid sound, here on a strong offset; the filter must not click."""
    long = (0.3 + 1e-3 * rng.normal(size=(2, 64_000))).astype(np.float32)
    microphone = Microphone(tilt_db=6)
    from_the_middle = band_levels(microphone.hear(long[:, 32_000:]))
    already_running = band_levels(microphone.hear(long)[:, 32_000:])
    np.testing.assert_allclose(from_the_middle, already_running, atol=0.05)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e3, -1e3])
@pytest.mark.parametrize(
    "name", ["gain_db", "tilt_db", "self_noise_db_spl", "clipping_db_spl", "calibration_db_spl"]
)
def test_a_value_out_of_range_is_refused(name: str, value: float) -> None:
    values: dict[str, Any] = {name: value}
    with pytest.raises(SettingsError, match=f"microphone: {name} must lie between"):
        Microphone(**values)


def level_db(signal: Signal) -> float:
    return 10 * math.log10(np.mean(np.square(signal, dtype=np.float64)))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("full_scale_db_spl", "gain_db"), [(None, 0.0), (None, 20.0), (120.0, 20)])
def test_self_noise_has_its_level_whatever_the_gain(
    full_scale_db_spl: float | None, gain_db: float, kind: type[np.floating]
) -> None:
    microphone = Microphone(gain_db=gain_db, self_noise_db_spl=30, calibration_db_spl=94)
    silence = np.zeros((2, 80_000), kind)
    noise = microphone.hear(
        silence, full_scale_db_spl=full_scale_db_spl, noise=np.random.default_rng(1)
    )
    assert noise.dtype == kind
    assert level_db(noise) == pytest.approx(30 - (full_scale_db_spl or 94), abs=0.05)
    assert abs(noise.mean() / noise.std()) < 0.01
    shifted = [noise[0, n : 70_000 + n] for n in (0, 1, 2, 7)]
    alike = np.corrcoef([*shifted, noise[1, :70_000]]) - np.eye(5)
    assert np.abs(alike).max() < 0.015  # white, and of each stream its own


def test_gain_makes_sound_stronger_against_the_circuit() -> None:
    """Sensitive microphones have less noise of their own and overload earlier."""
    sine = (0.5 * np.sin(np.arange(16_000) / 5)).astype(np.float32)  # 81 dB SPL at 0 dB
    for gain_db, clipped in ((-3.0, False), (8.5, False), (9.5, True)):
        heard = Microphone(gain_db=gain_db, clipping_db_spl=90).hear(sine)
        assert (np.abs(heard).max() < 0.5 * 10 ** (gain_db / 20) * 0.999) == clipped
    noisy, clean = (
        Microphone(gain_db=12, self_noise_db_spl=level).hear(sine, noise=np.random.default_rng(1))
        for level in (50, -100)
    )
    assert level_db(clean) - level_db(noisy - clean) == pytest.approx(81 + 12 - 50, abs=0.1)


@pytest.mark.parametrize("full_scale_db_spl", [None, 110.0])
def test_the_loudest_sine_that_is_not_clipped_has_the_stated_level(
    full_scale_db_spl: float | None,
) -> None:
    microphone = Microphone(clipping_db_spl=100, calibration_db_spl=120)
    full_scale = full_scale_db_spl or 120
    for over_db in (-0.1, 0.1):
        rms = 10 ** ((100 + over_db - full_scale) / 20)
        sine = rms * math.sqrt(2) * np.sin(2 * np.pi * np.arange(16_000) / 64)
        heard = microphone.hear(sine, full_scale_db_spl=full_scale_db_spl)
        peak = math.sqrt(2) * 10 ** ((100 - full_scale) / 20)
        np.testing.assert_allclose(heard, np.clip(sine, -peak, peak), rtol=1e-12)
        assert np.array_equal(heard, sine) == (over_db < 0)


def test_sound_passes_the_response_before_the_circuit(rng: np.random.Generator) -> None:
    signals = rng.normal(size=(2, 300)).astype(np.float32)
    half = Response(name="half", taps=(0.5,))
    heard = Microphone(response=half, gain_db=6, tilt_db=3, clipping_db_spl=80).hear(signals)
    plain = Microphone(gain_db=6, tilt_db=3).hear(0.5 * signals)
    peak = np.float32(math.sqrt(2) * 10 ** (-10 / 20))
    np.testing.assert_allclose(heard, plain.clip(-peak, peak), rtol=1e-6)
    assert (np.abs(plain) > peak).any()
    assert Microphone(response=half).hear(np.zeros((0, 5))).shape == (0, 5)
