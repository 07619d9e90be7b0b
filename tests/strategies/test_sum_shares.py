"""Strategies that read nothing but the sum of what devices send."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.made_up.night import STREAMS, SmallNight
from fedasc.made_up.server import small_server
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.global_model import GlobalStrategy
from fedasc.strategies.memory import Memory
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.strategy import Strategy, check_pair
from fedasc.testing import check_strategy
from fedasc.testing.bits import bits_of

SUMS = PooledSumsAggregator(epsilon=50.0, n_pooled=5, n_components=3, n_axes=2)
STRATEGY = GlobalStrategy(n_epochs=2, robust="none")
NIGHT = SmallNight.of(SUMS)


def with_sums(night: SmallNight, device: int, change: NDArray[np.int64]) -> SmallNight:
    """The same night, but for what is added to one device's share."""
    summary = night.summaries[device]
    assert isinstance(summary.content, SumShare)
    content = replace(summary.content, sums=summary.content.sums + change)
    summaries = {**night.summaries, device: Summary.of(content, summary.n_windows)}
    return replace(night, summaries=summaries)


def test_the_contract_is_kept_by_what_pools_shares() -> None:
    check_strategy(GlobalStrategy(n_epochs=2), SUMS)


def test_what_comes_out_depends_on_the_sum_alone() -> None:
    """What one device says less and another one more changes no bit."""
    amount = np.random.default_rng(0).integers(-(2**40), 2**40, (3, 3))
    moved = with_sums(with_sums(NIGHT, 1, amount), 4, -amount)
    more = with_sums(NIGHT, 1, amount)
    one, same, other = (bits_of(night.served(STRATEGY).personal) for night in (NIGHT, moved, more))
    assert one == same != other


def content_of(night: SmallNight, strategy: GlobalStrategy = STRATEGY) -> Mixture:
    memory = Memory().told(night.summaries, retention=0)
    context = RoundContext(streams=STREAMS)
    (task,) = strategy.tasks(small_server(), night.summaries, memory, context)
    assert task.devices == tuple(sorted(night.summaries))
    assert isinstance(task.content, Mixture)
    return task.content


@pytest.mark.parametrize("n_devices", [1, 4])
def test_too_few_get_what_was_public(n_devices: int, caplog: pytest.LogCaptureFixture) -> None:
    few = NIGHT.of_devices(list(NIGHT.summaries)[:n_devices])
    assert content_of(few) is small_server().public.mixture
    assert f"{n_devices} device(s) took part, fewer than n_pooled = 5" in caplog.text
    caplog.clear()
    assert content_of(NIGHT) is not small_server().everything
    assert not caplog.text


def test_nobody_can_be_left_out_of_a_sum(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So no share is looked at alone."""
    monkeypatch.setattr("fedasc.strategies.retraining.plausible", None)
    defended = content_of(NIGHT, replace(STRATEGY, robust="plausible"))
    assert "robust = 'plausible' is of no account" in caplog.text
    assert bits_of(defended) == bits_of(content_of(NIGHT))


@pytest.mark.parametrize(
    "strategy",
    [
        PersonalisedStrategy(),
        ClusteredStrategy(),
        GlobalStrategy(memory=0.5),
        GlobalStrategy(labels="device"),
        GlobalStrategy(labels="truth"),
    ],
)
def test_who_would_read_a_share_alone_is_refused(strategy: Strategy) -> None:
    with pytest.raises(SettingsError, match=r"nothing may be read alone; take strategy 'global'"):
        check_pair(SUMS, strategy)
