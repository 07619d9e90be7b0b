import numpy as np
import pytest

from fedasc.aggregators.draft import Draft
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.moments import MomentsAggregator
from fedasc.aggregators.stepwise_em import StepwiseEmAggregator
from fedasc.errors import SettingsError
from fedasc.release.release import Release
from tests.aggregators.days import PUBLIC, classifier, heard, stream
from tests.aggregators.test_mixture import random_mixture

GMM = GmmAggregator()


def draft(*n_behind: float, n_stretches: list[int] | None = None) -> Draft[Mixture]:
    stretches = None if n_stretches is None else np.array(n_stretches)
    return Draft(random_mixture(len(n_behind)), np.array(n_behind), stretches)


def leaving(made: Draft[Mixture], n_windows: int, release: Release) -> list[int]:
    """Which components leave."""
    content = release.summary(made, n_windows, aggregator=GMM).content
    assert isinstance(content, Mixture)
    assert content.weights.sum() == pytest.approx(1)
    means = made.content.means.tolist()
    return [means.index(row) for row in content.means.tolist()]


@pytest.mark.parametrize(
    ("min_weight", "left"),
    [(0.0, [0, 1, 2, 3]), (0.05, [0, 1, 2, 3]), (0.06, [0, 1, 2]), (0.5, [0]), (0.9, [0])],
)
def test_light_components_stay(min_weight: float, left: list[int]) -> None:
    release = Release(min_weight=min_weight)
    assert leaving(draft(50, 30, 15, 5), 100, release) == left
    assert release.most_components(100) >= len(left)


def test_no_more_leave_than_weigh_enough() -> None:
    assert Release(min_weight=0.05).most_components(1000) == 20
    assert Release(min_weight=0.05, min_windows=100).most_components(1000) == 10


@pytest.mark.parametrize(("min_stretches", "left"), [(1, [0, 1, 2]), (2, [0, 2]), (3, [2])])
def test_what_was_heard_at_one_place_stays(min_stretches: int, left: list[int]) -> None:
    made = draft(40, 40, 20, n_stretches=[2, 1, 7])
    assert leaving(made, 100, Release(min_stretches=min_stretches)) == left


def test_the_whole_day_tells_of_no_part_of_it() -> None:
    strict = Release(min_stretches=5)
    assert leaving(draft(100, n_stretches=[1]), 100, strict) == [0]
    x = heard(60)
    made = MomentsAggregator().summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=0)
    assert strict.summary(made, 60, aggregator=MomentsAggregator()).content.kind == "mixtures"


def test_who_cannot_tell_stretches_is_refused_where_they_are_asked_for() -> None:
    aggregator = StepwiseEmAggregator(n_components=4)
    made = aggregator.summarise(stream(heard(100)), classifier=classifier(), public=PUBLIC, seed=0)
    Release().summary(made, 100, aggregator=aggregator)
    with pytest.raises(SettingsError, match=r"'stepwise-em' doesn't tell .* set min_stretches"):
        Release(min_stretches=2).summary(made, 100, aggregator=aggregator)


def test_where_none_leaves_the_cure_is_named() -> None:
    with pytest.raises(SettingsError, match="or lower min_stretches in") as told:
        leaving(draft(50, 50, n_stretches=[2, 1]), 100, Release(min_stretches=3))
    assert "\n" not in str(told.value)


def test_places_of_a_day_in_its_order_stay_and_of_one_without_order_leave() -> None:
    x = heard(200)
    for place in range(4):
        x[50 * place : 50 * (place + 1)] += np.float32(60 * place)
    gmm = GmmAggregator(n_components=4)
    shuffled = x[np.random.default_rng(0).permutation(len(x))]
    release, in_order, without = (
        Release(min_stretches=2),
        *(
            gmm.summarise(stream(day), classifier=classifier(), public=PUBLIC, seed=0)
            for day in (x, shuffled)
        ),
    )
    with pytest.raises(SettingsError, match="nothing may leave"):
        release.summary(in_order, 200, aggregator=gmm)
    left = release.summary(without, 200, aggregator=gmm).content
    assert isinstance(left, Mixture)
    assert left.n_components == 4
