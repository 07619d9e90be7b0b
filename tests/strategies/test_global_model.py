from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.global_model import GlobalStrategy
from fedasc.strategies.memory import Memory
from fedasc.strategies.retraining import Retraining
from fedasc.strategies.round_context import RoundContext
from tests.models.test_training import blobs
from tests.strategies.contents import around
from tests.strategies.servers import N_WANTED, PAPER, SERVER, STREAMS, SUMMARIES, same, served
from tests.worlds import same_classifier

STRATEGY = GlobalStrategy(**PAPER, robust="none")
"""Places of these tests are where the server has heard nothing."""


def test_everyone_gets_the_same_classifier_and_it_is_a_new_one() -> None:
    found = served(STRATEGY)
    assert list(found) == list(SUMMARIES)
    first = found[0]
    assert all(personal is first for personal in found.values())
    assert not same_classifier(first.classifier, SERVER.baseline)
    assert first.tally
    assert first.tally.n_kept == N_WANTED


def test_summaries_count_by_how_many_windows_they_stand_for() -> None:
    summaries = {5: Summary.of(around(1.0), 10), 2: Summary.of(around(2.0, 3.0), 30)}
    memory = Memory().told(summaries, retention=0)
    (task,) = STRATEGY.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS))
    assert task.devices == (2, 5)
    assert isinstance(task.content, Mixture)
    assert task.content.means[:, 0].tolist() == [2, 3, 1]
    np.testing.assert_allclose(task.content.weights, [3 / 8, 3 / 8, 1 / 4])


def test_the_order_of_devices_changes_nothing_but_who_they_are_does() -> None:
    one, backwards = served(STRATEGY), served(STRATEGY, dict(reversed(SUMMARIES.items())))
    assert same(one[0], backwards[0])
    fewer = {device: SUMMARIES[device] for device in (0, 1, 2)}
    assert not same(one[0], served(STRATEGY, fewer)[0])


def test_one_device_alone_gets_what_its_summary_says() -> None:
    memory = Memory().told(SUMMARIES, retention=0)
    one = {2: SUMMARIES[2]}
    (task,) = STRATEGY.tasks(SERVER, one, memory, RoundContext(streams=STREAMS))
    assert task.content is SUMMARIES[2].content


@pytest.mark.parametrize("retention", [0.0, 0.25])
def test_who_is_silent_tonight_has_no_say(retention: float) -> None:
    """Not even with what is remembered of her."""
    strategy = replace(STRATEGY, memory=retention)
    before = Memory().told({1: Summary.of(around(50.0), 10)}, retention=retention)
    context = {0: Summary.of(around(0.0), 10)}
    alone = served(strategy, context)
    assert same(served(strategy, context, memory=before)[0], alone[0])


HONEST = {
    device: Summary.of(
        GmmAggregator(n_components=3, min_windows=1).fit(blobs(80, seed=20 + device).x, seed=0), 50
    )
    for device in range(4)
}


@pytest.mark.parametrize("make", [GlobalStrategy, ClusteredStrategy])
def test_who_lies_far_away_is_left_out_by_default_and_served_alone(
    make: type[Retraining], caplog: pytest.LogCaptureFixture
) -> None:
    strategy = make(**PAPER, n_clusters=2)
    liars = {n: Summary.of(around(place), 50) for n, place in ((4, 1e6), (9, -90.0))}
    honest, mixed = served(strategy, HONEST), served(strategy, {**liars, **HONEST})
    assert list(mixed) == [0, 1, 2, 3, 4, 9]
    assert all(same(honest[device], mixed[device]) for device in HONEST)
    alone = served(strategy, {4: liars[4]})[4]
    assert same(mixed[4], alone)
    assert "device(s) 4, 9: most of the summary lies far" in caplog.text
    undefended = served(replace(strategy, robust="none"), {**liars, **HONEST})
    assert not all(same(honest[device], undefended[device]) for device in HONEST)


def test_if_all_lie_far_away_everyone_is_served_alone() -> None:
    liars = {n: Summary.of(around(500.0 * (1 + n)), 50) for n in range(3)}
    made = served(GlobalStrategy(**PAPER), liars)
    assert list(made) == [0, 1, 2]
    assert not same(made[0], made[1])


@pytest.mark.parametrize("make", [GlobalStrategy, ClusteredStrategy])
def test_without_liars_the_defence_changes_no_bit(make: type[Retraining]) -> None:
    strategy = make(**PAPER, n_clusters=2)
    one, other = served(strategy, HONEST), served(replace(strategy, robust="none"), HONEST)
    assert all(same(one[device], other[device]) for device in HONEST)


@pytest.mark.parametrize(("robust", "counts"), [("plausible", 2.0), ("none", 2.0**62 / 50)])
def test_nobody_counts_for_more_than_twice_the_median(robust: Any, counts: float) -> None:
    summaries = {**HONEST, 4: Summary.of(HONEST[1].content, 2**62)}
    memory = Memory().told(summaries, retention=0)
    strategy = GlobalStrategy(**PAPER, robust=robust)
    (task,) = strategy.tasks(SERVER, summaries, memory, RoundContext(streams=STREAMS))
    assert isinstance(task.content, Mixture)
    share = task.content.weights[-3:].sum()
    assert share == pytest.approx(counts / (4 + counts), rel=1e-5)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(tolerance: float) -> None:
    with pytest.raises(SettingsError, match="global: tolerance must be positive"):
        GlobalStrategy(tolerance=tolerance)
