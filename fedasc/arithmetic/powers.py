"""Powers, hyperbolic tangents and exponentials in single precision, the same on every machine.

Python's own powers come from the C library, which computes them otherwise on other processors;
NumPy's come from loops that it chooses by the processor.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import FloatArray, exp, exponential, log
from fedasc.arithmetic.lanes import load, store

_N_LANES = 16
# written out, since those of the C library depend on the processor
LOG_2 = 0.6931471805599453
LOG_10 = 2.302585092994046
_LOGARITHMS = {2: LOG_2, 10: LOG_10}
_TINY = 1e-300


def power(base: ArrayLike, exponent: ArrayLike) -> FloatArray:
    """Powers in double precision, of the shape that both take together.

    They are exp(exponent · log(base)), so their relative error grows with the size of that product
    times 2⁻⁵³.

    Args:
        base: Not negative; zero counts as the smallest positive number, of which no power that
            isn't tiny is far from 0.
        exponent: Any shape that goes with the base's.
    """
    known = _LOGARITHMS.get(base) if isinstance(base, int | float) else None
    if known is not None:
        return exp(known * np.asarray(exponent, np.float64))
    bases = np.maximum(np.asarray(base, np.float64), _TINY)
    return exp(np.asarray(exponent, np.float64) * log(bases))


def log2(x: ArrayLike) -> FloatArray:
    """Binary logarithms of positive numbers of any shape, in double precision."""
    logarithms: FloatArray = log(np.asarray(x, np.float64)) / LOG_2
    return logarithms


def tanh(x: ArrayLike) -> FloatArray:
    """Hyperbolic tangents of numbers of any shape, in double precision, within 2⁻⁵¹.

    They are 1 - 2 / (e²ˣ + 1), of which e²ˣ is bounded by `exp`.
    """
    tangents: FloatArray = 1 - 2 / (exp(2 * np.asarray(x, np.float64)) + 1)
    return tangents


def exp_in_single(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exponentials of numbers of any shape, in single precision (see `exponential`)."""
    flat = np.zeros(-(-x.size // _N_LANES) * _N_LANES, np.float32)
    flat[: x.size] = np.ravel(x)
    _exponentials(flat)
    return flat[: x.size].reshape(x.shape)


@compiled
def _exponentials(x: NDArray[np.float32]) -> None:
    for start in range(0, len(x), _N_LANES):
        store(x, start, exponential(load(x, start, _N_LANES)))
