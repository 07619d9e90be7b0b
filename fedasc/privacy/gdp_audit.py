"""What a noisy release gives away at least, measured as μ of Gaussian differential privacy.

A claim is an upper bound; a test of who was there is a lower one. Where they contradict each other,
the mechanism is not what it says it is (Jagielski, Ullman and Oprea 2020). Under Gaussian noise
every pair of a test's errors bounds μ (Dong, Roth and Su 2022), the commonest errors most tightly,
so that 100,000 releases come within a few percent of the claim (Nasr et al. 2023).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from fedasc.aggregators.gaussian_mechanism import epsilon_of
from fedasc.audio import FloatArray

Releases = Callable[[NDArray[np.float32], int, np.random.Generator], FloatArray]
"""A mechanism: of a day (n_windows, 45) in dB, so many releases, each drawn anew, as
(n_releases, n_numbers): all that leaves the device, sums and counts and whatever goes beside."""

_LEVELS = ndtr(np.linspace(-4.5, 4.5, 361))
_CERTAIN = 3.0
_EXACT = 1e-6


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What two adjacent days' releases tell apart, with a confidence of 95 % from below.

    Args:
        mu: Of Gaussian differential privacy.
        epsilon: At δ, by μ.
        epsilon_counted: At δ, by the errors themselves (Clopper and Pearson 1934), whatever the
            noise is. Of Gaussian noise it misses most: ε at a small δ is decided far out in the
            tails, where so many releases don't reach.
        n_releases: Of each day.
    """

    mu: float
    epsilon: float
    epsilon_counted: float
    n_releases: int


def audit(
    releases: Releases,
    out: NDArray[np.float32],
    inside: NDArray[np.float32],
    *,
    n_releases: int = 100_000,
    delta: float = 1e-5,
    rng: np.random.Generator,
) -> Audit:
    """Release two days many times, and tell them apart as well as a direction can.

    Args:
        releases: The mechanism.
        out: (n_windows, 45) in dB, without the canary.
        inside: The same day with the canary in the place of what is protected. It must lie beyond
            where the mechanism clips, or clipping that is missing isn't seen.
        n_releases: Of each day.
        delta: At which ε is told.
        rng: Of every draw.
    """
    statistics = projected(*(releases(day, n_releases, rng) for day in (out, inside)))
    mu = audited_mu(*statistics)
    return Audit(
        mu=mu,
        epsilon=epsilon_of(mu, delta),
        epsilon_counted=counted_epsilon(*statistics, delta=delta),
        n_releases=n_releases,
    )


def projected(out: FloatArray, inside: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Releases along the direction in which two days differ, in units of the noise.

    The direction is learnt from the first half of the releases. Numbers that differ by less than
    three standard errors don't count: 100 of them would hide a difference in one.

    Args:
        out, inside: (n_releases, n_numbers) of either day.

    Returns:
        (n_releases,) each, larger where the canary is in.
    """
    first_out, first_inside = out[: len(out) // 2], inside[: len(inside) // 2]
    differences = first_inside.mean(axis=0) - first_out.mean(axis=0)
    # What has no noise at all decides alone.
    variances = np.maximum(
        (first_out.var(axis=0) + first_inside.var(axis=0)) / 2, (_EXACT * differences) ** 2
    )
    deviations = np.sqrt(np.where(variances > 0, variances, 1.0))
    distances = np.abs(differences) / deviations
    counts = distances >= min(_CERTAIN * np.sqrt(2 / len(first_out)), distances.max())
    direction = np.where(counts, differences / deviations**2, 0.0)
    return out @ direction, inside @ direction


def audited_mu(out: FloatArray, inside: FloatArray, *, confidence: float = 0.95) -> float:
    """The least μ that a mechanism of Gaussian differential privacy can have.

    One threshold is chosen on the first half of the statistics, and its errors are counted on the
    second, so that the choice costs no confidence; each of both rates is bounded by Clopper and
    Pearson with half of what may go wrong. Of a test with false positives α and false negatives β,
    μ is at least Φ⁻¹(1 - α) - Φ⁻¹(β) (Dong, Roth and Su 2022, equation 6).

    Args:
        out, inside: (n_releases,) statistics of either day, larger where the canary is in.
        confidence: With which μ isn't lower.
    """
    return _bounded(out, inside, _mu, confidence=confidence)


def counted_epsilon(
    out: FloatArray, inside: FloatArray, *, delta: float, confidence: float = 0.95
) -> float:
    """The least ε at δ that any mechanism with such errors can have.

    Of a test with false positives α and false negatives β it is ln((1 - δ - β) / α), or with both
    in each other's place (Kairouz, Oh and Viswanath 2015).

    Args:
        out, inside, confidence: As of `audited_mu`.
        delta: Probability with which the guarantee may fail.
    """

    def epsilon(alpha: FloatArray, beta: FloatArray) -> FloatArray:
        told = np.maximum((1 - delta - beta) / alpha, (1 - delta - alpha) / beta)
        return np.log(np.maximum(told, 1.0))

    return _bounded(out, inside, epsilon, confidence=confidence)


_Bound = Callable[[FloatArray, FloatArray], FloatArray]


def _mu(alpha: FloatArray, beta: FloatArray) -> FloatArray:
    mu: FloatArray = np.maximum(-ndtri(alpha) - ndtri(beta), 0.0)
    return mu


def _bounded(out: FloatArray, inside: FloatArray, bound: _Bound, *, confidence: float) -> float:
    """A bound at the threshold where the first half has the highest, by the second half."""
    first, second = (
        (out[: len(out) // 2], inside[: len(inside) // 2]),
        (out[len(out) // 2 :], inside[len(inside) // 2 :]),
    )
    thresholds = np.quantile(np.concatenate(first), _LEVELS, method="lower")
    # Among bounds that hold all together, or luck in the tails would be chosen.
    together = 1 - (1 - confidence) / len(thresholds)
    likely = bound(*_rates(*first, thresholds, confidence=together))
    best = thresholds[[int(likely.argmax())]]
    return float(bound(*_rates(*second, best, confidence=confidence))[0])


def _rates(
    out: FloatArray, inside: FloatArray, thresholds: FloatArray, *, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """(n_thresholds,) upper bounds of the rates of false positives and of false negatives."""
    false_positives = len(out) - np.searchsorted(np.sort(out), thresholds, side="right")
    false_negatives = np.searchsorted(np.sort(inside), thresholds, side="right")
    return (
        _highest(false_positives, len(out), confidence),
        _highest(false_negatives, len(inside), confidence),
    )


def _highest(n_events: NDArray[np.int64], n: int, confidence: float) -> FloatArray:
    """Upper bounds of probabilities of events that came about so often of n times."""
    level = 1 - (1 - confidence) / 2
    # Of all events it is 1, as by next to none that didn't come about.
    others = np.maximum(n - n_events, 1e-9)
    return np.asarray(betaincinv(n_events + 1.0, others, level), np.float64)
