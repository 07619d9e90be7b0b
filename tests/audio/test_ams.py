import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.audio import FloatArray, Signal
from fedasc.audio.ams import AmsStream, ams_vectors, sequences
from fedasc.audio.bank import FilterBank, Reference
from fedasc.audio.reference import reference_vectors
from fedasc.errors import AudioError

BANK = FilterBank(
    carrier_edges_hz=(100.0, 700.0, 2400.0, 7000.0), modulation_edges_hz=(0.5, 2.0, 8.0, 32.0)
)
QUICK = FilterBank(vector_s=0.4, settle_s=0.1)
REFERENCES: tuple[Reference, ...] = ("none", "band", "total")
MIDDLES_HZ = [265.0, 1296.0, 4099.0]
MODULATIONS_HZ = [1.0, 4.0, 16.0]

every_carrier = pytest.mark.parametrize("carrier", range(3))
every_modulation = pytest.mark.parametrize("modulation", range(3))


def modulated_tone(carrier: int, modulation: int, depth: float) -> FloatArray:
    """(1, 10 s) of a tone in the middle of both bands; 2 s are whole periods of modulation."""
    t_s = np.arange(160_000) / 16_000
    envelope = 1 + depth * np.sin(2 * np.pi * MODULATIONS_HZ[modulation] * t_s)
    tone: FloatArray = 0.1 * envelope * np.sin(2 * np.pi * MIDDLES_HZ[carrier] * t_s)
    return tone[None]


@every_carrier
@every_modulation
def test_a_modulated_tone_lands_in_its_own_of_nine_bands(carrier: int, modulation: int) -> None:
    z = ams_vectors(BANK, modulated_tone(carrier, modulation, 0.8))[0]
    assert (z.argmax(axis=1) == 3 * carrier + modulation).all()
    runner_up = np.sort(z, axis=1)[:, -2]
    assert (z.max(axis=1) - runner_up > 6).all()


@every_carrier
@every_modulation
@pytest.mark.parametrize("depth", [0.8, 0.4, 0.2])
def test_modulation_energy_is_half_the_squared_depth(
    carrier: int, modulation: int, depth: float
) -> None:
    """A mean envelope M modulated by the depth d swings by d·M: mean square d²·M²/2."""
    bank = replace(BANK, reference="band")
    z = ams_vectors(bank, modulated_tone(carrier, modulation, depth))[0, 2:]
    expected_db = 10 * np.log10(depth**2 / 2)
    np.testing.assert_allclose(z[:, 3 * carrier + modulation], expected_db, atol=0.1)


@every_carrier
@every_modulation
def test_half_the_depth_is_six_decibels_less(carrier: int, modulation: int) -> None:
    bank = replace(BANK, reference="band")
    deep, shallow = (ams_vectors(bank, modulated_tone(carrier, modulation, d)) for d in (0.8, 0.4))
    drop_db = (deep - shallow)[0, 2:, 3 * carrier + modulation]
    np.testing.assert_allclose(drop_db, 20 * np.log10(2), atol=0.02)


def test_total_reference_is_the_mean_over_carriers_of_the_squared_level(
    rng: np.random.Generator,
) -> None:
    signal = 0.1 * rng.normal(size=(1, 64_000))
    energy, to_band, to_total = (
        ams_vectors(replace(BANK, reference=reference), signal).reshape(2, 3, 3)
        for reference in REFERENCES
    )
    squared_levels = 10 ** ((energy - to_band) / 10)
    total = squared_levels.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(to_total, energy - 10 * np.log10(total), atol=1e-4)


@pytest.mark.parametrize(("reference", "rise_db"), [("total", 0), ("band", 0), ("none", 12.04)])
def test_level_counts_only_without_a_reference(
    reference: Reference, rise_db: float, rng: np.random.Generator
) -> None:
    bank = replace(BANK, reference=reference)
    noise = 0.1 * rng.normal(size=(1, 64_000))
    rise = ams_vectors(bank, 4 * noise) - ams_vectors(bank, noise)
    np.testing.assert_allclose(rise, rise_db, atol=0.01)


@every_modulation
def test_the_first_vector_is_like_the_later_ones(modulation: int) -> None:
    z = ams_vectors(BANK, modulated_tone(1, modulation, 0.5))[0, :, 3 + modulation]
    np.testing.assert_allclose(z[0], z[1:], atol=1.2)


@settings(max_examples=50)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=12), dtype=st.sampled_from(["f4", "f8"]))
def test_pieces_of_any_length_give_bitwise_the_whole(cuts: list[int], dtype: str) -> None:
    signals = np.random.default_rng(1).normal(size=(3, 30_000)).astype(dtype)
    whole = AmsStream(QUICK, n_streams=3).push(signals)
    stream = AmsStream(QUICK, n_streams=3)
    pieces = [stream.push(piece) for piece in np.split(signals, sorted(cuts), axis=1)]
    assert whole.shape == (3, 4, 9)
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)


@pytest.mark.parametrize(
    "bank",
    [
        QUICK,
        FilterBank(
            carrier_edges_hz=(300, 3000), modulation_edges_hz=(4, 16), vector_s=0.4, settle_s=0.1
        ),
        FilterBank(
            carrier_edges_hz=tuple(range(200, 4_000, 300)),
            modulation_edges_hz=(4, 16),
            vector_s=0.4,
            settle_s=0.1,
        ),
        FilterBank(hop=25, vector_s=0.4, settle_s=0.1),
    ],
    ids=["3x3", "1x1", "12x1", "odd hop"],
)
@pytest.mark.parametrize("n_streams", [2, 3, 8, 16, 17, 32, 33, 65])
def test_streams_side_by_side_give_bitwise_each_alone(
    n_streams: int, bank: FilterBank, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(n_streams, 13_000)).astype(np.float32)
    alone = np.concatenate([ams_vectors(bank, signal[None]) for signal in signals])
    np.testing.assert_array_equal(ams_vectors(bank, signals), alone)


@pytest.mark.parametrize("n_streams", [1, 5])
def test_sixteen_bits_give_bitwise_what_they_stand_for(
    n_streams: int, rng: np.random.Generator
) -> None:
    stored = rng.integers(-32768, 32768, size=(n_streams, 13_000)).astype(np.int16)
    signals = stored.astype(np.float32) / np.float32(32768)
    expected = ams_vectors(QUICK, signals)
    np.testing.assert_array_equal(ams_vectors(QUICK, stored), expected)
    stream = AmsStream(QUICK, n_streams=n_streams)
    pieces = (stored[:, :5_000], signals[:, 5_000:9_000], stored[:, 9_000:])
    vectors = np.concatenate([stream.push(piece) for piece in pieces], axis=1)
    np.testing.assert_array_equal(vectors, expected)


@pytest.mark.parametrize("cut", [np.s_[:, 1:], np.s_[:, ::2], np.s_[::-1], np.s_[::2, 7:-7]])
def test_how_samples_lie_in_memory_changes_nothing(
    cut: tuple[slice, ...] | slice, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(4, 26_000)).astype(np.float32)[cut]
    expected = ams_vectors(QUICK, signals.copy())
    np.testing.assert_array_equal(ams_vectors(QUICK, signals), expected)
    np.testing.assert_array_equal(ams_vectors(QUICK, np.asfortranarray(signals)), expected)
    assert signals.flags.writeable


_ELSEWHERE = """
import sys
import numpy as np
from fedasc.audio.ams import ams_vectors
from fedasc.audio.bank import FilterBank
signals = np.random.default_rng(5).normal(size=(3, 13_000)).astype(np.float32)
bank = FilterBank(vector_s=0.4, settle_s=0.1)
sys.stdout.write(ams_vectors(bank, signals).round(9).tobytes().hex())
"""


def test_a_machine_with_narrow_vectors_and_without_fma_gives_the_same_numbers() -> None:
    """Up to the logarithm, which is NumPy's."""
    signals = np.random.default_rng(5).normal(size=(3, 13_000)).astype(np.float32)
    found = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        env=os.environ | {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": ""},
        capture_output=True,
        check=True,
        text=True,
    )
    assert found.stdout == ams_vectors(QUICK, signals).round(9).tobytes().hex()


def noise(rng: np.random.Generator) -> Signal:
    return 0.1 * rng.normal(size=(2, 96_000))


def tones(_: np.random.Generator) -> Signal:
    return np.concatenate([modulated_tone(0, 2, 0.9), modulated_tone(2, 0, 0.0)])[:, :96_000]


def silence_then_burst(rng: np.random.Generator) -> Signal:
    return noise(rng) * (np.arange(96_000) > 50_000)


def burst_then_silence(rng: np.random.Generator) -> Signal:
    return noise(rng) * (np.arange(96_000) < 20_000)


def one_stops_and_one_fades(rng: np.random.Generator) -> Signal:
    """To the faintest that 16 bits hold and below, down to digital silence."""
    t_s = np.arange(96_000) / 16_000
    fades = np.stack([t_s < 3.1, np.exp(-7 * t_s)])
    heard: Signal = np.rint(30_000 * noise(rng) * fades) / 32768
    return heard


def loud_treble_over_faint_bass(rng: np.random.Generator) -> Signal:
    t_s = np.arange(96_000) / 16_000
    bass = 1e-4 * (1 + 0.8 * np.sin(2 * np.pi * 4 * t_s)) * np.sin(2 * np.pi * 265 * t_s)
    return (bass + 0.5 * np.sin(2 * np.pi * 5_000 * t_s) + 1e-5 * noise(rng)).astype(np.float32)


def faint_noise_on_dc(rng: np.random.Generator) -> Signal:
    return (0.2 + 1e-4 * noise(rng)).astype(np.float32)


@pytest.mark.parametrize(
    "bank",
    [
        BANK,
        replace(BANK, reference="band"),
        FilterBank(reference="none", floor_dbfs=-60.0),
        FilterBank(carrier_edges_hz=(50, 400, 7900), modulation_edges_hz=(0.3, 1, 4, 9, 200)),
        FilterBank(carrier_edges_hz=(300, 3000), modulation_edges_hz=(4, 16), vector_s=1.0),
        FilterBank(sample_rate_hz=24_000, hop=100, vector_s=0.5, settle_s=0.25),
    ],
    ids=["default", "band", "none", "2x4", "1x1", "24 kHz"],
)
@pytest.mark.parametrize(
    "make",
    [
        noise,
        tones,
        silence_then_burst,
        burst_then_silence,
        one_stops_and_one_fades,
        loud_treble_over_faint_bass,
        faint_noise_on_dc,
    ],
)
def test_the_compiled_path_agrees_with_scipy(
    bank: FilterBank, make: Callable[[np.random.Generator], Signal], rng: np.random.Generator
) -> None:
    signals = make(rng)
    expected = np.stack([reference_vectors(bank, signal) for signal in signals])
    found = ams_vectors(bank, signals)
    assert found.shape == (2, 96_000 // bank.samples_per_vector, bank.n_features)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.01)


def seconds_for(signals: Signal) -> float:
    """The least of several, after the sound at the beginning has passed."""
    found = []
    for _ in range(5):
        stream = AmsStream(BANK, n_streams=len(signals))
        stream.push(signals[:, :32_000])
        start = time.perf_counter()
        stream.push(signals[:, 32_000:])
        found.append(time.perf_counter() - start)
    return min(found)


@pytest.mark.parametrize("n_streams", [1, 32])
def test_silence_after_sound_takes_no_longer_than_sound(
    n_streams: int, rng: np.random.Generator
) -> None:
    """Numbers too small to be normal would make it a hundred times slower."""
    sound = 0.1 * rng.normal(size=(n_streams, 160_000)).astype(np.float32)
    silent = sound * (np.arange(160_000) < 20_000)
    assert seconds_for(silent) < 4 * seconds_for(sound)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("make", [np.zeros_like, lambda x: x * (np.arange(x.shape[1]) < 40_000)])
def test_silence_gives_finite_values(
    reference: Reference, make: Callable[[Signal], Signal], rng: np.random.Generator
) -> None:
    bank = replace(BANK, reference=reference)
    assert np.isfinite(ams_vectors(bank, make(noise(rng)))).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("position", [0, 7_000, 12_999])
def test_a_sample_that_is_not_finite_is_refused_and_does_no_harm(
    value: float, position: int, rng: np.random.Generator
) -> None:
    good = rng.normal(size=(2, 13_000)).astype(np.float32)
    bad = good.copy()
    bad[1, position] = value
    stream = AmsStream(QUICK, n_streams=2)
    with pytest.raises(AudioError, match="finite"):
        stream.push(bad)
    np.testing.assert_array_equal(stream.push(good), ams_vectors(QUICK, good))


def test_a_sample_beyond_single_precision_is_refused() -> None:
    with pytest.raises(AudioError, match="finite"):
        ams_vectors(QUICK, np.full((1, 13_000), 1e200))


@pytest.mark.parametrize("dtype", ["i4", "u1", "f2", "c8", ">f4", "?"])
def test_a_wrong_type_is_refused(dtype: str) -> None:
    with pytest.raises(AudioError, match="expected samples of int16, float32, float64"):
        AmsStream(BANK).push(np.zeros((1, 100), dtype))


@pytest.mark.parametrize("shape", [(2,), (1, 100), (3, 100), (100, 2), (2, 100, 1)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(AudioError, match=r"\(2, n_samples\)"):
        AmsStream(BANK, n_streams=2).push(np.zeros(shape))


def test_a_piece_too_short_for_a_vector_gives_none() -> None:
    assert AmsStream(BANK).push(np.zeros((1, 31_999))).shape == (1, 0, 9)


def test_five_vectors_make_a_sequence_and_the_rest_is_left_out(rng: np.random.Generator) -> None:
    z = rng.normal(size=(3, 13, 9))
    x = sequences(z)
    assert x.shape == (3, 2, 45)
    for i in range(3):
        for j in range(2):
            np.testing.assert_array_equal(x[i, j], np.concatenate(list(z[i, 5 * j : 5 * j + 5])))
