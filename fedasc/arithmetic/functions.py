"""Exponentials, logarithms, cosines and sines that are the same on every machine.

Those of its libraries aren't.
"""

import math
from typing import Any

# mypy: disable-error-code="no-untyped-call"
# (of numba's types and LLVM's builder)
import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.lanes import constant, fused, instruction, load, store

FloatArray = NDArray[np.float64]

_N_LANES = 8

_LEAST, _MOST = -708.0, 709.0
_LOG_2 = math.log(2)
# log 2 in two parts, of which the first has so few digits that its multiples are exact
_LOG_2_FIRST = 6.93145751953125e-1
_LOG_2_REST = 1.42860682030941723212e-6
# half of π: the nearest number, and what that lacks
_RIGHT_ANGLE = math.pi / 2
_RIGHT_ANGLE_REST = 6.123233995736766e-17


@instruction
def exponential(typing: Any, vector: Any) -> Any:
    """The exponential of each lane, within a unit in the last place.

    Of x = n·log 2 + r, |r| at most log(2) / 2, it is 2ⁿ times the Taylor series of eʳ. What is
    under -708 (-87 in single precision) or over 709 (88) is taken for that.
    """
    single = vector.scalar == types.float32
    n_terms, least, most = (8, -87.0, 88.0) if single else (14, _LEAST, _MOST)
    n_digits, width = (23, 32) if single else (52, 64)
    first, rest = (
        (0.693359375, -2.12194440e-4) if single else (_LOG_2_FIRST, _LOG_2_REST)
    )  # of log 2, see above

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        (x,) = args
        kind = x.type
        bits = ir.VectorType(ir.IntType(width), kind.count)

        def number(value: float) -> Any:
            return constant(kind, float(np.float32(value)) if single else value)

        for limit, comparison in ((number(least), ">"), (number(most), "<")):
            x = builder.select(builder.fcmp_ordered(comparison, x, limit), x, limit)
        # Adding 1.5 · 2^n_digits rounds to an integer, which then stands in the lowest bits.
        rounding = number(1.5 * 2**n_digits)
        shifted = fused(builder, x, number(1 / _LOG_2), rounding)
        n = builder.fsub(shifted, rounding)
        r = fused(builder, n, number(-first), x)
        r = fused(builder, n, number(-rest), r)
        series = number(1 / math.factorial(n_terms - 1))
        for term in range(n_terms - 2, -1, -1):
            series = fused(builder, series, r, number(1 / math.factorial(term)))
        power = builder.shl(builder.bitcast(shifted, bits), constant(bits, n_digits))
        return builder.bitcast(builder.add(builder.bitcast(series, bits), power), kind)

    return vector(vector), build


@instruction
def logarithm(typing: Any, vector: Any) -> Any:
    """Natural logarithm of each lane, positive and no denormal number.

    Of x = 2ⁿ·m, m from √½ to √2, it is n·log 2 + 2·artanh((m - 1) / (m + 1)) by the series of the
    latter (Gregory 1668).
    """

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = args[0].type
        bits = ir.VectorType(ir.IntType(64), kind.count)
        # Counted from √½ on, the upper bits are n, and what is left of them leaves m.
        root = int(np.float64(math.sqrt(0.5)).view(np.int64))
        whole = builder.bitcast(args[0], bits)
        power = builder.sub(whole, constant(bits, root))
        n_bits = builder.ashr(power, constant(bits, 52))
        m = builder.bitcast(builder.sub(whole, builder.shl(n_bits, constant(bits, 52))), kind)
        n = builder.sitofp(n_bits, kind)
        one = constant(kind, 1.0)
        f = builder.fdiv(builder.fsub(m, one), builder.fadd(m, one))
        square = builder.fmul(f, f)
        series = constant(kind, 1 / 23)
        for odd in range(21, 1, -2):
            series = fused(builder, series, square, constant(kind, 1 / odd))
        twice = builder.fadd(f, f)
        small = fused(
            builder,
            n,
            constant(kind, _LOG_2_REST),
            builder.fmul(builder.fmul(twice, square), series),
        )
        return fused(builder, n, constant(kind, _LOG_2_FIRST), builder.fadd(twice, small))

    return vector(vector), build


@instruction
def _cosine_and_sine(typing: Any, vector: Any) -> Any:
    """Cosine and sine of each lane, in radians, within 2⁻⁵².

    Of x = n·π/2 + r, |r| at most π/4, they are the Taylor series of cos r and sin r, exchanged and
    with the signs of the quadrant n modulo 4. π/2 is taken off in two parts (Cody and Waite 1980),
    the first of them without an error, since n·π/2 and x nearly cancel. Beyond 2³⁰ n may be off.
    """
    both = types.UniTuple(vector, 2)

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        (x,) = args
        kind = x.type
        bits = ir.VectorType(ir.IntType(64), kind.count)
        # As in `exponential`, n is what rounding leaves in the lowest bits.
        rounding = constant(kind, 1.5 * 2**52)
        shifted = fused(builder, x, constant(kind, 1 / _RIGHT_ANGLE), rounding)
        n = builder.fsub(shifted, rounding)
        r = fused(builder, n, constant(kind, -_RIGHT_ANGLE), x)
        r = fused(builder, n, constant(kind, -_RIGHT_ANGLE_REST), r)
        square = builder.fmul(r, r)

        def series(first: int) -> Any:
            """The terms of every other power from the first on, divided by the first power."""
            powers = range(first, 20, 2)
            signs = {power: (-1) ** (power // 2) for power in powers}
            terms = [constant(kind, signs[p] / math.factorial(p)) for p in powers]
            total = terms[-1]
            for term in reversed(terms[:-1]):
                total = fused(builder, total, square, term)
            return total

        sine = fused(builder, builder.fmul(r, square), series(3), r)
        cosine = fused(builder, square, series(2), constant(kind, 1.0))
        quadrant = builder.bitcast(shifted, bits)
        one = constant(bits, 1)
        odd = builder.icmp_unsigned("==", builder.and_(quadrant, one), one)

        def signed(value: Any, half_turns: Any) -> Any:
            """Negative where the second lowest bit is set."""
            sign = builder.shl(builder.and_(half_turns, constant(bits, 2)), constant(bits, 62))
            return builder.bitcast(builder.xor(builder.bitcast(value, bits), sign), kind)

        parts = [
            signed(builder.select(odd, sine, cosine), builder.add(quadrant, one)),
            signed(builder.select(odd, cosine, sine), quadrant),
        ]
        return context.make_tuple(builder, both, parts)

    return both(vector), build


def exp(x: NDArray[Any]) -> FloatArray:
    """Exponentials of numbers of any shape, in double precision (see `exponential`)."""
    return _of_each(_exponentials, x)


def log(x: NDArray[Any]) -> FloatArray:
    """Natural logarithms of numbers of any shape, all positive, in double precision."""
    return _of_each(_logarithms, x)


def cos_sin(x: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Cosines and sines of numbers of any shape, in radians, at most 2³⁰ in size."""
    cosines = _padded(x)
    sines = np.empty_like(cosines)
    _cosines_and_sines(cosines, sines)
    return cosines[: x.size].reshape(x.shape), sines[: x.size].reshape(x.shape)


def tangent(x: NDArray[Any]) -> FloatArray:
    """Tangents of numbers of any shape, in radians: of each the sine by the cosine."""
    cosines, sines = cos_sin(x)
    tangents: FloatArray = sines / cosines
    return tangents


def _of_each(of_flat: Any, x: NDArray[Any]) -> FloatArray:
    flat = _padded(x)
    of_flat(flat)
    result: FloatArray = flat[: x.size].reshape(x.shape)
    return result


def _padded(x: NDArray[Any]) -> FloatArray:
    """Numbers one after the other in double precision, and ones until lanes are full."""
    flat = np.ones(-(-x.size // _N_LANES) * _N_LANES)
    flat[: x.size] = np.ravel(x)
    return flat


@compiled
def _exponentials(x: FloatArray) -> None:
    for start in range(0, len(x), _N_LANES):
        store(x, start, exponential(load(x, start, _N_LANES)))


@compiled
def _logarithms(x: FloatArray) -> None:
    for start in range(0, len(x), _N_LANES):
        store(x, start, logarithm(load(x, start, _N_LANES)))


@compiled
def _cosines_and_sines(x: FloatArray, sines: FloatArray) -> None:
    """Cosines take the place of x."""
    for start in range(0, len(x), _N_LANES):
        cosine, sine = _cosine_and_sine(load(x, start, _N_LANES))
        store(x, start, cosine)
        store(sines, start, sine)


def softmax(scores: NDArray[Any]) -> FloatArray:
    """Shares of the exponentials of scores in their rows; the columns are added from left to right.

    Args:
        scores: (n_samples, n_classes)
    """
    powers = exp(scores - scores.max(axis=1, keepdims=True))
    return powers / in_order(powers)[:, None]


def log_sum_exp(scores: NDArray[Any]) -> FloatArray:
    """(n_samples,) logarithm of the sum of the exponentials of each row of scores."""
    most = scores.max(axis=1)
    total: FloatArray = most + log(in_order(exp(scores - most[:, None])))
    return total


def sigmoid(x: NDArray[Any]) -> FloatArray:
    """1 / (1 + exp(-x)), in double precision."""
    share: FloatArray = 1 / (1 + exp(-x))
    return share


def in_order(columns: FloatArray) -> FloatArray:
    """(n,) sums of rows (n, m), column after column; libraries order short rows otherwise."""
    total = np.zeros(len(columns))
    for column in columns.T:
        total += column
    return total
