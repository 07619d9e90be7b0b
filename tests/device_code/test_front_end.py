import numpy as np
import pytest

from fedasc.audio.ams import AmsStream
from fedasc.audio.bank import FilterBank, Reference
from fedasc.audio.level import level_dbfs
from fedasc.device_code.design import DeviceCode, Numbers
from fedasc.device_code.files import library_files
from fedasc.device_code.library import DeviceLibrary
from tests.device_code.codes import N_SAMPLES, check_features, code, features, library, sounds

BOTH: tuple[Numbers, ...] = ("single", "fixed")
LOUDEST, LEAST = 32767, -32768
FAINT_DB = -90

both = pytest.mark.parametrize("numbers", BOTH)


@both
def test_features_are_those_of_python(numbers: Numbers) -> None:
    check_features(library(numbers))


@both
def test_pieces_of_any_length_are_one_signal(numbers: Numbers) -> None:
    whole = features(library(numbers), sounds()[:1])[0]
    device, rest = library(numbers).start(), sounds()[0]
    lengths = np.random.default_rng(0).integers(1, 3000, size=200)
    for length in lengths:
        device.push(rest[:length])
        rest = rest[length:]
    device.push(rest)
    assert device.n_windows == 1
    np.testing.assert_array_equal(device.features, whole)


@both
def test_a_second_window_goes_on_where_the_first_ended(numbers: Numbers) -> None:
    first, second = sounds()[:2]
    device, stream = library(numbers).start(), AmsStream(FilterBank())
    assert device.push(np.concatenate([first, second])) == 2
    vectors = stream.push(np.concatenate([first, second])[None])
    np.testing.assert_allclose(device.features, vectors[0, 5:].ravel(), rtol=0, atol=0.01)


@both
@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(N_SAMPLES),
        np.full(N_SAMPLES, LEAST),
        np.where(np.arange(N_SAMPLES) == 70_000, LOUDEST, 0),
        np.where(np.arange(N_SAMPLES) // 53 % 2, LOUDEST, LEAST),
        np.where(np.arange(N_SAMPLES) // 4 % 2, LOUDEST, LEAST),
        np.where(np.arange(N_SAMPLES) % 2, LOUDEST, LEAST),
        np.where(np.random.default_rng(5).normal(size=N_SAMPLES) > 0, LOUDEST, LEAST),
    ],
    ids=["silence", "DC", "click", "square", "high square", "alternating", "noise"],
)
def test_nothing_overflows_or_sticks(signal: np.ndarray, numbers: Numbers) -> None:
    """What comes is Python's; and when it has ended, so does what the filters make of it."""
    stored = signal.astype(np.int16)
    device = library(numbers).start()
    stream = AmsStream(FilterBank())
    for after in (stored, np.zeros(2 * N_SAMPLES, np.int16)):
        device.push(after)
        wanted = stream.push(after[None])[0, -5:].ravel()
        # A steady tone has nothing but rounding errors there, in Python, too.
        wanted, found = np.maximum(wanted, FAINT_DB), np.maximum(device.features, FAINT_DB)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=0.01)
    np.testing.assert_allclose(device.features, -30, rtol=0, atol=0.01)
    assert device.level_dbfs == -np.inf


def test_the_worst_signal_stays_within_the_numbers() -> None:
    """That for which a filter's output is largest: the signs of its impulse response, turned."""
    compiled, bank = library("fixed"), FilterBank()
    for section in bank.carrier_sections():
        (b0, a1, a2), (d0, d1, d2) = section
        response, low0, low1, high0, high1 = [], 0.0, 0.0, 0.0, 0.0
        for t in range(8000):
            low = {0: b0, 2: -b0}.get(t, 0.0) - low0
            low0, low1 = low1 + a1 * low, a2 * low
            high = d0 * low - high0
            high0, high1 = high1 + d1 * high, d0 * low + d2 * high
            response.append(high)
        signs = np.where(np.array(response[::-1]) > 0, LOUDEST, LEAST)
        signal = np.resize(signs, N_SAMPLES).astype(np.int16)
        stream = AmsStream(bank)
        np.testing.assert_allclose(
            features(compiled, signal[None])[0], stream.push(signal[None]).ravel(), atol=0.02
        )


def test_short_products_are_long_ones_to_the_last_bit() -> None:
    """Cores without a product of 64 bits compute what others do, and so does the simulation."""
    sources = library_files(code(numbers="fixed"))
    sources["front_end_fixed.c"] = "#define FEDASC_SHORT_PRODUCTS\n" + sources["front_end_fixed.c"]
    short = DeviceLibrary(code(numbers="fixed"), sources=sources)
    loud = np.where(sounds()[:1] > 0, LOUDEST, LEAST).astype(np.int16)
    for signals in (sounds(), loud):
        np.testing.assert_array_equal(features(short, signals), features(library("fixed"), signals))


@pytest.mark.parametrize(("numbers", "reference"), [("single", "none"), ("fixed", "band")])
def test_other_banks(numbers: Numbers, reference: Reference) -> None:
    bank = FilterBank(
        carrier_edges_hz=(200.0, 1500.0, 4000.0, 7000.0),
        modulation_edges_hz=(0.3, 3.0, 20.0, 90.0),
        hop=40,
        settle_s=0.25,
        floor_dbfs=-80.0,
        reference=reference,
    )
    usual = code(numbers=numbers)
    compiled = DeviceLibrary(
        DeviceCode(
            bank=bank,
            aggregator=usual.aggregator,
            release=usual.release,
            classifier=usual.classifier,
            numbers=numbers,
        )
    )
    vectors = AmsStream(bank, n_streams=4).push(sounds())
    np.testing.assert_allclose(
        features(compiled, sounds()), vectors.reshape(4, -1), rtol=0, atol=0.02
    )


@both
def test_levels_are_in_db_of_full_scale(numbers: Numbers) -> None:
    for signal in sounds():
        device = library(numbers).start()
        device.push(signal)
        assert device.level_dbfs == pytest.approx(level_dbfs(signal / 32768), abs=1e-3)
