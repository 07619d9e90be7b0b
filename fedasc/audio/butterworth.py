"""Butterworth band-passes, designed the same on every processor.

SciPy's design computes with complex numbers and tangents, whose last bits depend on the processor.
Here only sums, products and roots of real numbers follow the tangents, which are fedasc's.
"""

import math

import numpy as np

from fedasc.arithmetic.functions import tangent

Section = tuple[float, float, float]
"""A biquad b0 · (1 - z⁻²) / (1 + a1·z⁻¹ + a2·z⁻²), as b0, a1, a2."""


def second_order(low_hz: float, high_hz: float, rate_hz: float) -> list[Section]:
    """One section: b·s / (s² + b·s + w²) of the width b and the geometric centre w."""
    width, square = _warped(low_hz, high_hz, rate_hz)
    a0, a1, a2 = _denominator(width, square)
    return [(width / a0, a1, a2)]


def fourth_order(low_hz: float, high_hz: float, rate_hz: float) -> list[Section]:
    """Two sections of the same gain, the one with the poles nearer to the unit circle last.

    A pole p of the low-pass gives the band-pass the poles p·b/2 ± √((p·b/2)² - w²) (Parks and
    Burrus 1987). With p = (-1 + j) / √2 and h = b / √8 the root is that of -w² - 2j·h², which is
    h² / v - j·v with v² = (w² + √(w⁴ + 4·h⁴)) / 2.
    """
    width, square = _warped(low_hz, high_hz, rate_hz)
    h = width / math.sqrt(8)
    v = math.sqrt((square + math.sqrt(square * square + 4 * (h * h) * (h * h))) / 2)
    u = h * h / v
    denominators = []
    for real, imaginary in ((u - h, h - v), (-u - h, h + v)):
        size = real * real + imaginary * imaginary
        denominators.append(_denominator(-2 * real, size))
    gain = width / math.sqrt(denominators[0][0] * denominators[1][0])
    return sorted(((gain, a1, a2) for _, a1, a2 in denominators), key=lambda section: section[2])


def _warped(low_hz: float, high_hz: float, rate_hz: float) -> tuple[float, float]:
    """Width and squared centre of a band whose edges stay where they are in the digital filter."""
    low, high = tangent(np.array([low_hz, high_hz]) / rate_hz * math.pi).tolist()
    return high - low, low * high


def _denominator(slope: float, constant: float) -> Section:
    """Of s² + slope · s + constant by the bilinear transform s = (z - 1) / (z + 1): a0, a1, a2.

    The first belongs to the gain; the others are divided by it.
    """
    a0 = 1 + slope + constant
    return a0, 2 * (constant - 1) / a0, (1 - slope + constant) / a0
