"""Exponentials and logarithms that are the same on every machine, unlike those of its libraries."""

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
def _logarithm(typing: Any, vector: Any) -> Any:
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


def exp(x: NDArray[Any]) -> FloatArray:
    """Exponentials of numbers of any shape, in double precision (see `exponential`)."""
    return _of_each(_exponentials, x)


def log(x: NDArray[Any]) -> FloatArray:
    """Natural logarithms of numbers of any shape, all positive, in double precision."""
    return _of_each(_logarithms, x)


def _of_each(of_flat: Any, x: NDArray[Any]) -> FloatArray:
    flat = np.zeros(-(-x.size // _N_LANES) * _N_LANES)
    flat[: x.size] = np.ravel(x)
    flat[x.size :] = 1
    of_flat(flat)
    result: FloatArray = flat[: x.size].reshape(x.shape)
    return result


@compiled
def _exponentials(x: FloatArray) -> None:
    for start in range(0, len(x), _N_LANES):
        store(x, start, exponential(load(x, start, _N_LANES)))


@compiled
def _logarithms(x: FloatArray) -> None:
    for start in range(0, len(x), _N_LANES):
        store(x, start, _logarithm(load(x, start, _N_LANES)))


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
