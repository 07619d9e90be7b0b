"""The front end in whole numbers: scales at which nothing overflows, coefficients and tables.

A filter's output never exceeds the sum of the magnitudes of its impulse response times the largest
input (its L1 norm; Jackson 1970). Each state gets the largest scale that this allows, so full-scale
input of any kind leaves no sum out of 32 bits, and nothing needs to saturate in the loops.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from fedasc.audio import FULL_SCALE, FloatArray
from fedasc.audio.bank import FilterBank
from fedasc.device_code.filters import state_variables
from fedasc.device_code.initialisers import unsigned, whole

_LARGEST = 0.98 * 2**31
_LEAK = 1e-3
_SQUARES_SHIFT = 10
_LEVELS_SHIFT = 4
_N_LOGARITHMS = 64
_GAIN_BITS = 31


@lru_cache(maxsize=8)
def fixed_parameters(bank: FilterBank) -> dict[str, Any]:
    """The macros that `front_end_fixed.c` takes, by name."""
    hop_shift = max(0, math.ceil(math.log2(bank.hop)))
    sections = bank.carrier_sections()
    scales, shifts, largest = [], [], []
    for section in sections:
        scale, shift, most = _carrier_scales(section, bank.sample_rate_hz)
        scales.append(scale)
        shifts.append(shift)
        largest.append(most)
    # What a sum over a hop stands for, and the scale that all envelopes then get.
    units = [
        section[:, 0].prod() * 2.0 ** (shift - scale + hop_shift) / FULL_SCALE / bank.hop
        for section, scale, shift in zip(sections, scales, shifts, strict=True)
    ]
    filters = state_variables(bank)
    most_envelope = max(
        most * section[:, 0].prod() for most, section in zip(largest, sections, strict=True)
    )
    overshoot = max(_overshoot(row, bank.envelope_rate_hz) for row in filters)
    envelope_bits = math.floor(math.log2(_LARGEST / (most_envelope * overshoot)))
    gains, gain_shifts = zip(*(_gain(unit * 2.0**envelope_bits) for unit in units), strict=True)
    # Sums of squares, in units of which one is 2^(shift - 2 · envelope_bits) of full scale squared.
    square = 2.0 ** (_SQUARES_SHIFT - 2 * envelope_bits)
    powers = np.square(filters[:, 3]) / bank.envelopes_per_vector * square
    level = 2.0 ** (_LEVELS_SHIFT - 2 * envelope_bits)
    n_levels = bank.n_carriers if bank.reference == "total" else 1
    reference = 1.0 if bank.reference == "none" else level / n_levels
    table = np.rint(65536 * np.log2(1 + np.arange(_N_LOGARITHMS + 1) / _N_LOGARITHMS))
    return {
        "CARRIERS_Q30": whole(_q30(sections[:, :, 1:].reshape(-1, 4))),
        "SCALES": whole([1 << scale for scale in scales]),
        "SHIFTS": whole(shifts),
        "HOP_SHIFT": hop_shift,
        "GAINS_FIXED": unsigned(gains),
        "GAIN_SHIFTS": whole(gain_shifts),
        "MOST_ENVELOPE": int(most_envelope * 2**envelope_bits),
        "MODULATIONS_Q30": whole(_q30(filters[:, :3])),
        "LEAKS": unsigned(np.maximum(1, np.rint(_LEAK * bank.floor / powers))),
        "OFFSETS": whole(np.rint(65536 * np.log2(powers / reference))),
        "FLOOR_FIXED": f"{max(1, round(bank.floor / level))}u",
        "LOGARITHMS": unsigned(table),
    }


def _carrier_scales(section: FloatArray, rate_hz: float) -> tuple[int, int, float]:
    """Digits by which samples are raised and what is between the biquads lowered, and the L1 norm.

    Args:
        section: (2, 3) biquads b0, a1, a2.

    Returns:
        The last of the whole filter, without its gains.
    """
    (_, a1, a2), (_, d1, d2) = section
    n = int(rate_hz)
    nodes = np.zeros((10, n))
    low0 = low1 = high0 = high1 = 0.0
    for t in range(n):
        driven = {0: 1.0, 2: -1.0}.get(t, 0.0)
        low = driven - low0
        low0, low1 = low1 + a1 * low, a2 * low
        high = low - high0
        nodes[:, t] = (driven, low, low0, low1, a1 * low, high, d1 * high, d2 * high, 0, 0)
        high0, high1 = high1 + d1 * high, low + d2 * high
        nodes[8:, t] = high0, high1
    norms = np.abs(nodes).sum(axis=1)
    scale = math.floor(math.log2(_LARGEST / (FULL_SCALE * norms[:5].max())))
    shift = math.ceil(math.log2(FULL_SCALE * 2.0**scale * norms[5:].max() / _LARGEST))
    return scale, max(0, shift), float(norms[5])


def _overshoot(row: FloatArray, rate_hz: float) -> float:
    """The largest that a state of a modulation filter, or a sum in it, gets of envelopes to 1."""
    n = int(20 * rate_hz)
    first, second, third = row[:3]
    nodes = np.zeros((8, n))
    band = under = 0.0
    for t in range(n):
        over = (t == 0) - under
        out, rest = first * band + second * over, second * band + third * over
        nodes[:, t] = over, out, rest, 2 * out, 2 * rest, first * band, 2 * out - band, under
        band, under = 2 * out - band, under + 2 * rest
    return float(np.abs(nodes).sum(axis=1).max())


def _gain(value: float) -> tuple[int, int]:
    """A factor as a whole number of 31 bits, and the digits that come off the product."""
    shift = _GAIN_BITS - math.ceil(math.log2(value))
    return round(value * 2.0**shift), shift


def _q30(values: FloatArray) -> FloatArray:
    return np.rint(values * 2**30)
