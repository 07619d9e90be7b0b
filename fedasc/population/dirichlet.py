"""Shares that are drawn the same on every processor."""

from numpy.random import Generator

from fedasc.arithmetic.functions import exp, log
from fedasc.audio import FloatArray


def drawn_shares(rng: Generator, n: int, concentration: float) -> FloatArray:
    """(n,) a draw from the symmetric Dirichlet distribution, which adds up to 1.

    Shares are gamma variables by their sum. Those of a shape under 1 are made of ones of the shape
    plus 1, times a power of a uniform variable (Marsaglia and Tsang 2000), with logarithms of
    fedasc's: NumPy's would come from the C library's powers, which depend on the processor. From a
    shape of 1 on NumPy only multiplies and compares, and the shares are those of its `dirichlet`.
    """
    if concentration < 1:
        gammas = rng.standard_gamma(concentration + 1, n)
        uniform = 1 - rng.random(n)  # never 0
        logarithms = log(gammas) + log(uniform) / concentration
        gammas = exp(logarithms - logarithms.max())
    else:
        gammas = rng.standard_gamma(concentration, n)
    total = 0.0
    for gamma in gammas.tolist():
        total += gamma
    shares: FloatArray = gammas * (1 / total)
    return shares
