import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.audio.level import energy_peak_ratio, level_and_peak_ratio, level_dbfs, power
from fedasc.errors import AudioError


def naive_energy_peak_ratio(signal: list[float], n_segments: int) -> float:
    """Equation (5) of the paper, written out."""
    length = len(signal) // n_segments
    energies = [
        sum(signal[segment * length + k] ** 2 for k in range(length))
        for segment in range(n_segments)
    ]
    return max(energies) / (sum(energies) / n_segments)


@given(
    segments=arrays(
        np.float32,
        st.tuples(st.integers(1, 12), st.integers(1, 5)),
        elements=st.floats(-1, 1, width=32),
    )
)
def test_energy_peak_ratio_is_equation_5(segments: NDArray[np.float32]) -> None:
    assume(np.abs(segments).max() > 1e-6)
    n_segments = len(segments)
    signal = segments.reshape(-1)
    found = energy_peak_ratio(signal, n_segments=n_segments)
    assert found == pytest.approx(naive_energy_peak_ratio(signal.tolist(), n_segments), rel=1e-6)
    assert 1 - 1e-9 <= found <= n_segments * (1 + 1e-9)


def test_forty_segments_of_four_thousand_samples_are_the_default(
    rng: np.random.Generator,
) -> None:
    signal = rng.normal(size=160_000) * np.linspace(0, 1, 160_000)
    expected = naive_energy_peak_ratio(signal.tolist(), 40)
    assert energy_peak_ratio(signal) == pytest.approx(expected)


def test_a_steady_signal_has_ratio_one() -> None:
    assert energy_peak_ratio(np.full(160_000, 0.3, np.float32)) == pytest.approx(1)


@pytest.mark.parametrize("n_segments", [1, 8, 40])
def test_a_single_burst_has_the_number_of_segments(n_segments: int) -> None:
    signal = np.zeros(1600, np.float32)
    signal[7] = 0.5
    assert energy_peak_ratio(signal, n_segments=n_segments) == n_segments


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (np.zeros(0), "0 samples"),
        (np.ones(41), "41 samples"),
        (np.zeros(40), "silent"),
        (np.full(40, np.nan), "finite"),
        (np.full(40, np.inf), "finite"),
    ],
)
def test_a_signal_without_a_ratio_is_refused(signal: FloatArray, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        energy_peak_ratio(signal)


def test_level_of_a_full_scale_sine_is_minus_three_decibels() -> None:
    sine = np.sin(2 * np.pi * np.arange(1600) / 16)
    assert power(sine) == pytest.approx(0.5)
    assert level_dbfs(sine) == pytest.approx(-3.01, abs=0.01)
    assert level_dbfs(sine / 10) == pytest.approx(-23.01, abs=0.01)


def test_digital_silence_has_no_level() -> None:
    assert level_dbfs(np.zeros(10)) == -math.inf


@pytest.mark.parametrize("factor", [1.0, 0.01, 1e-5, 0.0])
def test_level_and_ratio_are_those_that_are_computed_alone(
    factor: float, rng: np.random.Generator
) -> None:
    ramp = np.linspace(0, 1, 160_000, dtype=np.float32)
    signal = np.float32(factor) * ramp * rng.normal(size=160_000).astype(np.float32)
    level, ratio = level_and_peak_ratio(signal)
    assert level == level_dbfs(signal)
    if factor < 1e-4:
        assert math.isnan(ratio)
    else:
        assert ratio == energy_peak_ratio(signal)
