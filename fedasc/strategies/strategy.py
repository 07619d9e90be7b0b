"""The server's half of an idea: how the summaries of a night become classifiers."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.sum_share import SumShare
from fedasc.aggregators.summary import Summary
from fedasc.errors import SettingsError
from fedasc.models.self_training import SelfTraining
from fedasc.plugins import Family, Plugin
from fedasc.questions.questions import Questions
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import RoundResult


class Strategy(Plugin):
    """How the server makes classifiers. Implementations are frozen dataclasses of settings."""

    family = Family(
        word="strategy",
        group="fedasc.strategies",
        default="personalised",
        builtin={
            "none": "fedasc.strategies.none:NoStrategy",
            "comprehensive": "fedasc.strategies.comprehensive:ComprehensiveStrategy",
            "personalised": "fedasc.strategies.personalised:PersonalisedStrategy",
            "answered": "fedasc.strategies.answered:AnsweredStrategy",
            "global": "fedasc.strategies.global_model:GlobalStrategy",
            "clustered": "fedasc.strategies.clustered:ClusteredStrategy",
            "fedavg": "fedasc.strategies.fedavg:FedAvgStrategy",
            "local": "fedasc.strategies.local:LocalStrategy",
            "class-mixtures": "fedasc.strategies.class_mixtures:ClassMixturesStrategy",
            "oracle": "fedasc.strategies.oracle:OracleStrategy",
            "random-labels": "fedasc.strategies.random_labels:RandomLabelsStrategy",
            "distilled": "fedasc.strategies.distilled:DistilledStrategy",
        },
    )

    @property
    @abstractmethod
    def accepts(self) -> tuple[type[Content], ...]:
        """Kinds of summaries that it can use; a class attribute will do."""

    @property
    def default_aggregator(self) -> str:
        """Name of the aggregator that goes with it if none is named; an attribute will do."""
        return "gmm"

    @property
    def serves_alone(self) -> bool:
        """Whether what a device gets depends on no other's summary; an attribute will do.

        If so, nights go through in cohorts: each is served by itself, with a memory of its own, and
        perhaps without a single summary. If not, all summaries of a night are held together.
        """
        return False

    def questions(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> Mapping[int, Questions]:
        """What to ask users before classifiers are made of their summaries; by default nothing.

        Args:
            server, summaries, memory: As for `serve`, which is told the answers in its context.

        Returns:
            By device, of those whose summaries there are.
        """
        return {}

    @abstractmethod
    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        """Make classifiers of a night's summaries.

        Args:
            server: What the server has.
            summaries: By device, each of a kind that is accepted; one at least, unless devices are
                served alone.
            memory: What the night before left; None at first.
        """

    def remember(self, memory: Any, late: Mapping[int, Summary]) -> Any:
        """The memory with summaries that came too late for the night; by default they are lost."""
        return memory

    def device_training(self) -> SelfTraining | None:
        """What a device does with the classifier that it has once the server has answered."""
        return None


def check_pair(aggregator: Aggregator, strategy: Strategy) -> None:
    """Hold that a strategy can use what an aggregator sends.

    Raises:
        SettingsError: If it can't, naming both.
    """
    if not issubclass(aggregator.kind, strategy.accepts):
        accepted = " or ".join(kind.kind for kind in strategy.accepts)
        if issubclass(aggregator.kind, SumShare):
            raise SettingsError(
                f"strategy {strategy.name!r} needs {accepted}, but aggregator {aggregator.name!r} "
                f"sends {aggregator.kind.kind}, of which nothing may be read alone; take strategy "
                "'global' without memory, which reads the sum"
            )
        raise SettingsError(
            f"strategy {strategy.name!r} needs {accepted}, but aggregator {aggregator.name!r} "
            f"sends {aggregator.kind.kind}; with this strategy usually goes aggregator "
            f"{strategy.default_aggregator!r}"
        )
