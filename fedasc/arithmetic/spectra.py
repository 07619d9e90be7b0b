"""Products of spectra, whose parts are rounded one after the other.

NumPy's complex products are contracted on some processors and not on others.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled


def spectral_product(one: NDArray[np.complex64], other: NDArray[np.complex64]) -> None:
    """Multiply a spectrum by another, in place; both (n_bins,)."""
    _multiply(one.view(np.float32), other.view(np.float32))


@compiled
def _multiply(one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
    for real in range(0, len(one), 2):
        a, b, c, d = one[real], one[real + 1], other[real], other[real + 1]
        one[real] = a * c - b * d
        one[real + 1] = a * d + b * c
