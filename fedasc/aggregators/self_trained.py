"""The device's half of federated averaging, without labels."""

from dataclasses import dataclass, field

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.public import Public
from fedasc.aggregators.weights import Weights
from fedasc.models.embedded import N_NUMBERS, EmbeddedClassifier
from fedasc.models.self_training import SelfTraining


@dataclass(frozen=True, kw_only=True)
class SelfTrainedAggregator(Aggregator):
    """Sends what the device's classifier becomes on a day's windows that it is certain of.

    McMahan et al. (2017) average the weights of devices that know the labels of their samples; a
    hearing aid knows none, and takes its own.

    Args:
        training: How it trains.
    """

    kind = Weights

    training: SelfTraining = field(default_factory=SelfTraining)

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Weights:
        return Weights.of(self.training.train(classifier, whole(stream), seed=seed))

    def budget(self, n_windows: int) -> Budget:
        """All of the classifier is sent, its statistics too; the day is kept to train on."""
        return Budget(
            n_bytes=4 * N_NUMBERS,
            memory_bytes=self.training.memory_bytes(n_windows),
            n_macs=self.training.n_macs(n_windows),
            n_rounded=8,
        )
