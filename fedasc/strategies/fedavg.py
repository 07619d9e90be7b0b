"""Federated averaging, the textbook's alternative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fedasc.aggregators.summary import Summary
from fedasc.aggregators.weights import Weights
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.server import Server
from fedasc.strategies.round_context import RoundContext
from fedasc.strategies.round_result import Personal, RoundResult
from fedasc.strategies.strategy import Strategy


@dataclass(frozen=True, kw_only=True)
class FedAvgStrategy(Strategy):
    """The mean of the weights that devices trained, by windows heard (McMahan et al. 2017).

    Devices have no labels, so they train on what their own classifiers are certain of. The
    statistics of the batch normalisation are averaged like weights. There is one round a night.

    Args:
        fine_tuned: Whether a device then trains the mean once more on its own day.
        training: How it does that.
    """

    accepts = (Weights,)
    default_aggregator = "self-trained"

    fine_tuned: bool = False
    training: SelfTraining = field(default_factory=SelfTraining)

    def serve(
        self, server: Server, summaries: Mapping[int, Summary], memory: Any, context: RoundContext
    ) -> RoundResult:
        sent = [
            (summary.content.classifier, summary.n_windows)
            for _, summary in sorted(summaries.items())
            if isinstance(summary.content, Weights)
        ]
        mean = _mean(sent)
        context.progress("averaging classifiers", len(sent), len(sent))
        return RoundResult(dict.fromkeys(sorted(summaries), Personal(mean)))

    def device_training(self) -> SelfTraining | None:
        return self.training if self.fine_tuned else None


def _mean(sent: Sequence[tuple[EmbeddedClassifier, int]]) -> EmbeddedClassifier:
    """The mean of classifiers, added in their order, by the number of windows that each heard."""
    n_all = sum(n_windows for _, n_windows in sent)
    sums = {name: np.zeros(array.shape) for name, array in sent[0][0].arrays().items()}
    for classifier, n_windows in sent:
        for name, array in classifier.arrays().items():
            sums[name] += n_windows / n_all * array.astype(np.float64)
    return EmbeddedClassifier(**{name: array.astype(np.float32) for name, array in sums.items()})
