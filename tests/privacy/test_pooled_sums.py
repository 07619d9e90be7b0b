"""What a pooled sum claims for a user-day, held to what it gives away."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.sum_share import GRID
from fedasc.audio import FloatArray
from fedasc.privacy.canaries import neighbours
from fedasc.privacy.gdp_audit import Audit, audit
from tests.aggregators.days import PUBLIC, heard

SUMS = PooledSumsAggregator(n_components=6, n_axes=2, n_pooled=10)
N_WINDOWS = 60


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The sum over so many devices, one of which heard what it is given, many times at once."""

    aggregator: PooledSumsAggregator
    n_devices: int

    def __call__(
        self, windows: NDArray[np.float32], n_releases: int, rng: np.random.Generator
    ) -> FloatArray:
        public = PUBLIC.coarser(self.aggregator.n_components)
        days = [windows, *(heard(N_WINDOWS, seed=n) for n in range(1, self.n_devices))]
        total = np.zeros((n_releases, public.mixture.n_components * (1 + self.aggregator.n_axes)))
        for x in days:
            mean = self.aggregator.sums(x, public).ravel() / len(x)
            total += GRID * self.aggregator.shared(np.tile(mean, (n_releases, 1)), rng=rng)
        return total


def audited(aggregator: PooledSumsAggregator, n_devices: int) -> Audit:
    rng = np.random.default_rng(0)
    like = DpMixtureAggregator(unit="user-day", n_components=6, n_axes=2, min_windows=1)
    days = neighbours(like, PUBLIC, n_windows=N_WINDOWS, min_windows=1, rng=rng)
    return audit(
        Sums(aggregator=aggregator, n_devices=n_devices), *days, n_releases=20_000, rng=rng
    )


@pytest.mark.parametrize("epsilon", [1.0, 4.0])
def test_the_sum_is_measured_near_the_claim_and_never_above(epsilon: float) -> None:
    found = audited(replace(SUMS, epsilon=epsilon), 10)
    assert 0.6 * epsilon < found.epsilon <= epsilon


@dataclass(frozen=True, kw_only=True)
class Half(PooledSumsAggregator):
    @property
    def terms(self) -> Any:
        return super().terms // (1, 2, 1)


@dataclass(frozen=True, kw_only=True)
class Whole(PooledSumsAggregator):
    """Means for the days of all together, not for each."""

    def sums(self, x: Any, public: Any) -> Any:
        return len(x) ** 0.5 * super().sums(x, public)


@pytest.mark.parametrize("broken", [Half, Whole])
@pytest.mark.parametrize("epsilon", [1.0, 4.0])
def test_less_noise_than_is_claimed_is_seen(broken: Any, epsilon: float) -> None:
    aggregator = broken(n_components=6, n_axes=2, n_pooled=10, epsilon=epsilon)
    assert audited(aggregator, 10).epsilon > epsilon


def test_a_sum_over_fewer_devices_and_a_message_alone_give_more_away() -> None:
    aggregator = replace(SUMS, epsilon=1.0)
    few, alone = (audited(aggregator, n).epsilon for n in (3, 1))
    assert 1.0 < few < alone
    assert 0.7 * aggregator.alone < alone <= aggregator.alone
