import math

import dp_accounting
import numpy as np
import pytest
from dp_accounting import NeighboringRelation, pld, rdp
from scipy.stats import norm

from fedasc.aggregators.gaussian_mechanism import delta_of, epsilon_of, sigma_of

GRID = [(epsilon, delta) for epsilon in (0.1, 0.5, 1, 4, 30) for delta in (1e-9, 1e-5, 0.1)]


@pytest.mark.parametrize(("epsilon", "delta"), GRID)
def test_the_noise_is_that_of_dp_accounting(epsilon: float, delta: float) -> None:
    sigma = sigma_of(epsilon, delta)
    assert sigma == pytest.approx(dp_accounting.get_sigma_gaussian(epsilon, delta), rel=1e-6)
    assert sigma_of(epsilon, delta, 7.0) == pytest.approx(7 * sigma, rel=1e-12)
    assert delta * (1 - 1e-5) < delta_of(epsilon, sigma) <= delta
    assert epsilon_of(1 / sigma, delta) == pytest.approx(epsilon, rel=1e-6)


@pytest.mark.parametrize("sigma", [0.02, 0.3, 2.0, 40.0])
def test_what_several_releases_tell_is_that_of_dp_accounting(sigma: float) -> None:
    for n in (1, 30, 365):
        exact = dp_accounting.get_epsilon_gaussian(sigma / math.sqrt(n), 1e-5)
        assert epsilon_of(math.sqrt(n) / sigma, 1e-5) == pytest.approx(exact, rel=1e-9)


def test_what_is_told_apart_is_what_the_densities_say() -> None:
    """By numerical integration of the definition."""
    x = np.linspace(-15, 15, 400_001)
    for epsilon, sigma, sensitivity in ((0.5, 2.0, 1.0), (2.0, 1.0, 3.0)):
        one, other = norm.pdf(x, scale=sigma), norm.pdf(x - sensitivity, scale=sigma)
        excess = np.maximum(other - math.exp(epsilon) * one, 0).sum() * (x[1] - x[0])
        assert delta_of(epsilon, sigma, sensitivity) == pytest.approx(excess, rel=1e-4)


def test_nothing_overflows_and_limits_are_what_they_should_be() -> None:
    assert delta_of(1e4, 1.0) == 0
    assert delta_of(1e4, 1e-3) == pytest.approx(1)
    assert delta_of(math.inf, 0.0) == sigma_of(math.inf, 1e-5) == 0
    assert delta_of(1.0, 0.0) == 1
    assert epsilon_of(0.0, 1e-5) == epsilon_of(1e-6, 1e-5) == 0
    assert epsilon_of(math.inf, 1e-5) == math.inf
    assert math.isfinite(epsilon_of(300.0, 1e-5))


def test_how_far_other_accountants_lie_off() -> None:
    """Ours is exact, and neighbours' distance, one replaced by another, stands in the noise.

    Rényi divergence (RDP) is an upper bound, 5 to 10 % higher. A distribution of privacy losses
    (PLD) gives the same as ours, but only as if one were added or removed: asked for replacement,
    dp-accounting doubles the distance for it, and not for RDP. So of the same release its two
    figures differ by more than 2.
    """
    sigma = sigma_of(1.0, 1e-5)
    event = dp_accounting.GaussianDpEvent(sigma)

    def epsilons(relation: NeighboringRelation, n: int) -> list[float]:
        both = [rdp.RdpAccountant(neighboring_relation=relation), pld.PLDAccountant(relation)]
        return [float(one.compose(event, n).get_epsilon(1e-5)) for one in both]

    for n in (1, 7):
        ours = epsilon_of(math.sqrt(n) / sigma, 1e-5)
        by_rdp, by_pld = epsilons(NeighboringRelation.ADD_OR_REMOVE_ONE, n)
        assert 1.05 < by_rdp / ours < 1.1
        assert by_pld == pytest.approx(ours, rel=1e-3)
    replaced_by_rdp, replaced_by_pld = epsilons(NeighboringRelation.REPLACE_ONE, 1)
    assert replaced_by_rdp == pytest.approx(1.09, abs=0.01)
    assert 2.1 < replaced_by_pld < 2.2
