from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from fedasc.aggregators.features import FeaturesAggregator
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.nothing import NothingAggregator
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.scene_gaussians import SceneGaussiansAggregator
from fedasc.aggregators.self_trained import SelfTrainedAggregator
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.plugins import find
from fedasc.server import Server
from fedasc.strategies.answered import AnsweredStrategy
from fedasc.strategies.class_mixtures import ClassMixturesStrategy
from fedasc.strategies.clustered import ClusteredStrategy
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.distilled import DistilledStrategy
from fedasc.strategies.fedavg import FedAvgStrategy
from fedasc.strategies.global_model import GlobalStrategy
from fedasc.strategies.local import LocalStrategy
from fedasc.strategies.none import NoStrategy
from fedasc.strategies.oracle import OracleStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.random_labels import RandomLabelsStrategy
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult, Tally
from fedasc.strategies.strategy import Strategy, check_pair
from tests.strategies.servers import SUMMARIES

NAMES = {
    "none": NoStrategy,
    "comprehensive": ComprehensiveStrategy,
    "personalised": PersonalisedStrategy,
    "answered": AnsweredStrategy,
    "global": GlobalStrategy,
    "clustered": ClusteredStrategy,
    "fedavg": FedAvgStrategy,
    "local": LocalStrategy,
    "class-mixtures": ClassMixturesStrategy,
    "oracle": OracleStrategy,
    "random-labels": RandomLabelsStrategy,
    "distilled": DistilledStrategy,
}
GMM, SCENES = GmmAggregator(), SceneGaussiansAggregator()
FEATURES, TRAINED, NOTHING = FeaturesAggregator(), SelfTrainedAggregator(), NothingAggregator()
MIXTURES, SUMS = {GMM, SCENES}, PooledSumsAggregator()
ALL = {*MIXTURES, FEATURES, TRAINED, NOTHING, SUMS}
PAIRS: dict[Strategy, set[Any]] = {
    NoStrategy(): ALL,
    ComprehensiveStrategy(): ALL,
    ComprehensiveStrategy(shares="told"): ALL,
    ComprehensiveStrategy(shares="mixture"): {*MIXTURES, FEATURES},
    LocalStrategy(): ALL,
    PersonalisedStrategy(): {*MIXTURES, FEATURES},
    PersonalisedStrategy(memory=0.5): MIXTURES,
    RandomLabelsStrategy(): {*MIXTURES, FEATURES},
    GlobalStrategy(): {*MIXTURES, FEATURES, SUMS},
    ClusteredStrategy(): {*MIXTURES, FEATURES},
    ClusteredStrategy(memory=0.5): MIXTURES,
    ClusteredStrategy(labels="truth"): {FEATURES},
    ClusteredStrategy(labels="device"): {SCENES},
    ClusteredStrategy(labels="random"): {*MIXTURES, FEATURES},
    GlobalStrategy(labels="truth"): {FEATURES},
    GlobalStrategy(labels="device", memory=0.5): {SCENES},
    ClassMixturesStrategy(): {SCENES},
    OracleStrategy(): {FEATURES},
    AnsweredStrategy(): {GMM},
    AnsweredStrategy(groups="all"): {GMM},
    DistilledStrategy(): ALL,
    FedAvgStrategy(): {TRAINED},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_is_found_by_its_name_and_knows_it(name: str) -> None:
    assert find(Strategy, name) is NAMES[name]  # type: ignore[type-abstract]
    assert NAMES[name]().name == name
    assert Strategy.family.builtin.keys() == NAMES.keys()


@pytest.mark.parametrize("strategy", PAIRS, ids=repr)
def test_pairs_that_fit_are_let_through_and_no_others(strategy: Strategy) -> None:
    for aggregator in PAIRS[strategy]:
        check_pair(aggregator, strategy)
    for aggregator in ALL - PAIRS[strategy]:
        with pytest.raises(SettingsError):
            check_pair(aggregator, strategy)


def test_a_pair_that_does_not_fit_is_named_with_the_cure() -> None:
    with pytest.raises(
        SettingsError,
        match="strategy 'class-mixtures' needs scene mixtures, but aggregator 'gmm' sends "
        "mixtures; with this strategy usually goes aggregator 'scene-gaussians'",
    ):
        check_pair(GMM, ClassMixturesStrategy())


@dataclass(frozen=True, kw_only=True)
class Silent(Strategy):
    """What a strategy is that says no more than it must."""

    accepts = (GMM.kind,)

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        return RoundResult({})


def test_a_strategy_need_not_remember_or_train() -> None:
    memory = object()
    assert Silent().remember(memory, SUMMARIES) is memory
    assert Silent().device_training() is None


def test_a_tally_adds_up_what_was_kept() -> None:
    assert Tally(n_drawn=20, kept=(1, 0, 2, 4), n_wanted=9).n_kept == 7
