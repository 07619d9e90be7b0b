from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedasc.audio import FloatArray, Signal
from fedasc.audio.ams import AmsStream, ams_vectors, sequences
from fedasc.audio.bank import FilterBank, Reference
from fedasc.audio.reference import reference_vectors
from fedasc.errors import AudioError

BANK = FilterBank()
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
    bank = FilterBank(reference="band")
    z = ams_vectors(bank, modulated_tone(carrier, modulation, depth))[0, 2:]
    expected_db = 10 * np.log10(depth**2 / 2)
    np.testing.assert_allclose(z[:, 3 * carrier + modulation], expected_db, atol=0.1)


@every_carrier
@every_modulation
def test_half_the_depth_is_six_decibels_less(carrier: int, modulation: int) -> None:
    bank = FilterBank(reference="band")
    deep, shallow = (ams_vectors(bank, modulated_tone(carrier, modulation, d)) for d in (0.8, 0.4))
    drop_db = (deep - shallow)[0, 2:, 3 * carrier + modulation]
    np.testing.assert_allclose(drop_db, 20 * np.log10(2), atol=0.02)


def test_total_reference_is_the_mean_over_carriers_of_the_squared_level(
    rng: np.random.Generator,
) -> None:
    signal = 0.1 * rng.normal(size=(1, 64_000))
    energy, to_band, to_total = (
        ams_vectors(FilterBank(reference=reference), signal).reshape(2, 3, 3)
        for reference in REFERENCES
    )
    squared_levels = 10 ** ((energy - to_band) / 10)
    total = squared_levels.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(to_total, energy - 10 * np.log10(total), atol=1e-4)


@pytest.mark.parametrize(("reference", "rise_db"), [("total", 0), ("band", 0), ("none", 12.04)])
def test_level_counts_only_without_a_reference(
    reference: Reference, rise_db: float, rng: np.random.Generator
) -> None:
    bank = FilterBank(reference=reference)
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


@pytest.mark.parametrize("n_streams", [2, 3, 8, 16, 17, 35])
def test_streams_side_by_side_give_bitwise_each_alone(
    n_streams: int, rng: np.random.Generator
) -> None:
    signals = rng.normal(size=(n_streams, 13_000)).astype(np.float32)
    alone = np.concatenate([ams_vectors(QUICK, signal[None]) for signal in signals])
    np.testing.assert_array_equal(ams_vectors(QUICK, signals), alone)


def noise(rng: np.random.Generator) -> Signal:
    return 0.1 * rng.normal(size=(2, 96_000))


def tones(_: np.random.Generator) -> Signal:
    return np.concatenate([modulated_tone(0, 2, 0.9), modulated_tone(2, 0, 0.0)])[:, :96_000]


def silence_then_burst(rng: np.random.Generator) -> Signal:
    return noise(rng) * (np.arange(96_000) > 50_000)


def burst_then_silence(rng: np.random.Generator) -> Signal:
    return noise(rng) * (np.arange(96_000) < 20_000)


def faint_noise_on_dc(rng: np.random.Generator) -> Signal:
    return (0.2 + 1e-4 * noise(rng)).astype(np.float32)


@pytest.mark.parametrize(
    "bank",
    [
        BANK,
        FilterBank(reference="band"),
        FilterBank(reference="none", floor_dbfs=-60.0),
        FilterBank(carrier_edges_hz=(50, 400, 7900), modulation_edges_hz=(0.3, 1, 4, 9, 200)),
        FilterBank(carrier_edges_hz=(300, 3000), modulation_edges_hz=(4, 16), vector_s=1.0),
        FilterBank(sample_rate_hz=24_000, hop=100, vector_s=0.5, settle_s=0.25),
    ],
    ids=["default", "band", "none", "2x4", "1x1", "24 kHz"],
)
@pytest.mark.parametrize(
    "make", [noise, tones, silence_then_burst, burst_then_silence, faint_noise_on_dc]
)
def test_the_compiled_path_agrees_with_scipy(
    bank: FilterBank, make: Callable[[np.random.Generator], Signal], rng: np.random.Generator
) -> None:
    signals = make(rng)
    expected = np.stack([reference_vectors(bank, signal) for signal in signals])
    found = ams_vectors(bank, signals)
    assert found.shape == (2, 96_000 // bank.samples_per_vector, bank.n_features)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.01)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("make", [np.zeros_like, lambda x: x * (np.arange(x.shape[1]) < 40_000)])
def test_silence_gives_finite_values(
    reference: Reference, make: Callable[[Signal], Signal], rng: np.random.Generator
) -> None:
    bank = FilterBank(reference=reference)
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
