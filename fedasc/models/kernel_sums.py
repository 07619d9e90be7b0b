"""Compiled sums of radial kernels. Private to `fedasc.models.support_vectors`.

Samples are the lanes, so what one gets depends on no other.
"""

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import exponential
from fedasc.arithmetic.lanes import load, store
from fedasc.arithmetic.product import add_product

Numbers = NDArray[np.float32]

_N_LANES = 16


@compiled
def add_kernels(
    factors: Numbers, vectors: Numbers, coefficients: Numbers, sums: NDArray[np.float64]
) -> None:
    """Add up what support vectors say of samples.

    The vectors of a chunk are added in single precision, the chunks in double.

    Args:
        factors: (n_panels, n_factors, width) of samples, in panels.
        vectors: (n_chunks, n_at_once, n_factors) of which the products with the factors are the
            kernels' exponents.
        coefficients: (n_chunks, n_rows, n_at_once), a row for each pair of classes.
        sums: (n_rows, n_panels · width), added to in place.
    """
    width = factors.shape[2]
    n_at_once, n_rows = vectors.shape[1], coefficients.shape[1]
    kernels = np.empty((1, n_at_once, width), np.float32)
    flat = kernels.reshape(kernels.size)
    margins = np.empty((n_rows, width), np.float32)
    for panel in range(len(factors)):
        some = factors[panel : panel + 1]
        column = panel * width
        for chunk in range(len(vectors)):
            kernels[:] = 0
            add_product(vectors[chunk], some, kernels[0])
            for start in range(0, kernels.size, _N_LANES):
                store(flat, start, exponential(load(flat, start, _N_LANES)))
            margins[:] = 0
            add_product(coefficients[chunk], kernels, margins)
            for row in range(n_rows):
                for i in range(width):
                    sums[row, column + i] += margins[row, i]
