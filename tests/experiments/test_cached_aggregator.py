from dataclasses import dataclass, replace

import numpy as np
import pytest

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.errors import MessageError
from fedasc.experiments.cached_aggregator import CachedAggregator
from fedasc.models.embedded import EmbeddedClassifier, initial
from fedasc.simulated import SimulatedDevices
from tests.aggregators.days import PUBLIC
from tests.worlds import RELEASE, tiny_world

GMM = GmmAggregator(n_components=3, min_windows=1)


def day(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(60, 45)).astype(np.float32)


def c1(seed: int = 0) -> EmbeddedClassifier:
    return initial(np.random.default_rng(seed))


@pytest.mark.parametrize(
    "aggregator",
    [
        GMM,
        replace(GMM, covariance="full", n_components=1),
        SceneGaussiansAggregator(),
        FeaturesAggregator(),
        SelfTrainedAggregator(),
        PooledSumsAggregator(),
    ],
    ids=lambda its: its.name,
)
@pytest.mark.bits
def test_summaries_are_bitwise_those_of_the_other(aggregator: Aggregator) -> None:
    made = aggregator.summarise(iter(day()), classifier=c1(), public=PUBLIC, seed=5)
    its = CachedAggregator(inner=aggregator)
    assert its.kind is aggregator.kind
    assert its.budget(100) == aggregator.budget(100)
    assert (its.name, its.sends_raw) == (aggregator.name, aggregator.sends_raw)
    for _ in range(2):  # made, then read
        again = its.summarise(iter(day()), classifier=c1(), public=PUBLIC, seed=5)
        assert type(again) is type(made)
        if isinstance(made, Draft) and isinstance(again, Draft):
            assert again.n_effective.tobytes() == made.n_effective.tobytes()
            np.testing.assert_equal(again.n_stretches, made.n_stretches)
        plain, kept = (each.content if isinstance(each, Draft) else each for each in (made, again))
        for name, array in plain.arrays().items():
            other = kept.arrays()[name]
            assert (other.dtype, other.tobytes()) == (array.dtype, array.tobytes())


@dataclass(frozen=True, kw_only=True)
class Counting(Aggregator):
    """A mixture, of which every fit is told."""

    kind = Mixture

    n_components: int = 2

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        FITTED.append(seed)
        return GMM.summarise(stream, classifier=classifier, public=PUBLIC, seed=seed)

    def budget(self, n_windows: int) -> Budget:
        return GMM.budget(n_windows)


FITTED: list[int] = []


def test_is_made_once_for_the_same_day_classifier_public_seed_and_settings() -> None:
    FITTED.clear()
    its = Counting()
    for _ in range(3):
        CachedAggregator(inner=its).summarise(iter(day()), classifier=c1(), public=PUBLIC, seed=1)
    assert len(FITTED) == 1
    CachedAggregator(inner=its).summarise(iter(day(1)), classifier=c1(), public=PUBLIC, seed=1)
    CachedAggregator(inner=its).summarise(iter(day()), classifier=c1(1), public=PUBLIC, seed=1)
    CachedAggregator(inner=its).summarise(iter(day()), classifier=c1(), public=PUBLIC, seed=2)
    CachedAggregator(inner=replace(its, n_components=3)).summarise(
        iter(day()), classifier=c1(), public=PUBLIC, seed=1
    )
    CachedAggregator(inner=its).summarise(
        iter(day()), classifier=c1(), public=PUBLIC.coarser(2), seed=1
    )
    assert len(FITTED) == 6


def test_checks_what_the_other_checks() -> None:
    inner = PooledSumsAggregator()
    its = CachedAggregator(inner=inner)
    share = its.summarise(iter(day()), classifier=c1(), public=PUBLIC, seed=5)
    assert not isinstance(share, Draft)
    its.check(share)
    with pytest.raises(MessageError, match="the sum that was asked for"):
        CachedAggregator(inner=replace(inner, n_pooled=3)).check(share)


def test_goes_through_a_device_as_the_other_does() -> None:
    world = tiny_world()
    plain, its = (
        SimulatedDevices(
            scenario=world.scenario,
            aggregator=aggregator,
            release=RELEASE,
            public=world.server.public,
        ).summarise(1, world.server.baseline)
        for aggregator in (GMM, CachedAggregator(inner=GMM))
    )
    assert plain
    assert its
    assert {name: array.tobytes() for name, array in plain.arrays.items()} == {
        name: array.tobytes() for name, array in its.arrays.items()
    }
