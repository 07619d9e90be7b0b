"""How much normal noise bounds what a release tells, and by how much.

All of it is exact: no bound stands between a sum with normal noise and its ε and δ.
"""

import math

from scipy.special import log_ndtr

from fedasc.errors import SettingsError

_N_BISECTIONS = 60
_DIGITS = 9
"""Of a standard deviation, so that it is the same on every machine."""


def check_claim(epsilon: float, delta: float, limit: float, *, section: str) -> None:
    """Refuse what can't be claimed.

    Args:
        section: What to call the settings.

    Raises:
        SettingsError: Saying what could.
    """
    if not epsilon > 0 or not limit > 0:
        raise SettingsError(f"{section}: epsilon and limit must be positive, inf for none")
    if not 0 < delta < 1:
        raise SettingsError(f"{section}: delta must be between 0 and 1, got {delta}")


def delta_of(epsilon: float, sigma: float, sensitivity: float = 1.0) -> float:
    """The least δ for which normal noise gives (ε, δ) (Balle and Wang 2018, theorem 8).

    Φ(Δ / 2σ − εσ / Δ) − exp(ε)·Φ(−Δ / 2σ − εσ / Δ), by the logarithms of both: exp(ε) alone
    overflows where the product is small.

    Args:
        epsilon: 0 or more, or infinite.
        sigma: Standard deviation of the noise, 0 or more.
        sensitivity: Δ: how far, as Euclid has it, neighbours' sums lie apart at most.
    """
    if math.isinf(epsilon) or not sensitivity:
        return 0.0
    if not sigma:
        return 1.0
    mu = sensitivity / sigma
    first = float(log_ndtr(mu / 2 - epsilon / mu))
    less = epsilon + float(log_ndtr(-mu / 2 - epsilon / mu))
    return -math.exp(first) * math.expm1(min(less - first, 0.0))


def sigma_of(epsilon: float, delta: float, sensitivity: float = 1.0) -> float:
    """The least standard deviation of noise that gives (ε, δ), rounded up at the ninth digit.

    Args:
        epsilon: More than 0; infinite takes no noise.
        delta: Between 0 and 1.
        sensitivity: See `delta_of`.
    """
    if math.isinf(epsilon):
        return 0.0
    low, high = 0.0, 1.0
    while delta_of(epsilon, high) > delta:
        low, high = high, 2 * high
    for _ in range(_N_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(epsilon, middle) > delta else (low, middle)
    step = 10.0 ** (math.floor(math.log10(high)) + 1 - _DIGITS)
    return sensitivity * step * math.ceil(high / step)


def epsilon_of(mu: float, delta: float) -> float:
    """The least ε that goes with δ where two days are as hard to tell apart as N(0, 1) and N(μ, 1).

    That is μ-Gaussian differential privacy (Dong, Roth and Su 2022, corollary 1). Of one release
    with normal noise μ is Δ / σ; of several it is the root of the sum of their squares, which is
    exact.

    Args:
        mu: 0 or more, or infinite.
        delta: Between 0 and 1.
    """
    if math.isinf(mu):
        return math.inf
    if not mu or delta_of(0.0, 1.0, mu) <= delta:
        return 0.0
    low, high = 0.0, 1.0
    while delta_of(high, 1.0, mu) > delta:
        low, high = high, 2 * high
    for _ in range(_N_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(middle, 1.0, mu) > delta else (low, middle)
    return high


def composed(epsilon: float, delta: float, n: int) -> float:
    """ε of so many releases together at the same δ, each with noise for (ε, δ).

    Exactly: their μ is that of one times √n (Dong, Roth and Su 2022, corollary 2).
    """
    sigma = sigma_of(epsilon, delta)
    return epsilon_of(math.sqrt(n) / sigma, delta) if sigma else math.inf
