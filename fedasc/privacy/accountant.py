"""What nights add up to: a place that is heard every night is told of every night.

Releases with normal noise compose exactly: n nights of μ-Gaussian differential privacy are one of
μ·√n (Dong, Roth and Su 2022, corollary 2). That is for neighbours that differ in all of these
nights: for a place, another one in its place every time; for a window, whatever was heard instead
of it on each of them. Of what was heard on a single night ε is that of a night.
"""

import math

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.gaussian_mechanism import composed
from fedasc.errors import SettingsError

YEAR = 365
"""Nights."""


def of_a_year(epsilon: float, delta: float) -> float:
    """ε at the same δ of what is heard every night of a year, each night with noise for (ε, δ).

    >>> round(of_a_year(1.0, 1e-5))
    34
    """
    return composed(epsilon, delta, YEAR)


def account(aggregator: Aggregator, n_nights: int) -> dict[str, float]:
    """ε of a night, of so many nights, and of a year of them; nothing where none is claimed."""
    epsilon = aggregator.epsilon
    if epsilon is None or math.isinf(epsilon):
        return {}
    return {
        "night": epsilon,
        "nights": _spent(aggregator, n_nights),
        "year": _spent(aggregator, YEAR),
    }


def nights_within(aggregator: Aggregator, limit: float) -> float:
    """How many nights of an aggregator add up to no more than a limit; infinite if all do."""
    n_nights = 1
    while _spent(aggregator, n_nights) <= limit:
        if n_nights > YEAR * 1000:
            return math.inf
        n_nights *= 2
    low = n_nights // 2  # these are within; n_nights aren't
    while n_nights - low > 1:
        middle = (low + n_nights) // 2
        low, n_nights = (middle, n_nights) if _spent(aggregator, middle) <= limit else (low, middle)
    return low


def check_nights(aggregator: Aggregator, n_nights: int) -> None:
    """Refuse a run whose nights add up to more than an aggregator's limit.

    Raises:
        SettingsError: With what would do instead.
    """
    spent, limit = _spent(aggregator, n_nights), aggregator.limit
    if spent <= limit:
        return
    most = nights_within(aggregator, limit)
    fewer = f"have at most {most} of them, or lower epsilon" if most else "lower epsilon"
    raise SettingsError(
        f"aggregator {aggregator.name!r}: nights with an epsilon of {aggregator.epsilon:g} each "
        f"add up to {spent:.3g} (n_nights = {n_nights}), more than its limit of {limit:g}; {fewer}"
    )


def _spent(aggregator: Aggregator, n_nights: int) -> float:
    spent = aggregator.spent(n_nights)
    return 0.0 if spent is None else spent
