"""A server that is made in no time."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.arithmetic.functions import softmax
from fedasc.audio import FloatArray
from fedasc.made_up.days import sounds
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.samples import TrainingSet
from fedasc.models.training import EmbeddedSettings, train
from fedasc.server import Server


@dataclass(frozen=True)
class SmallTeacher:
    """What an embedded classifier takes sequences for."""

    classifier: EmbeddedClassifier

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        return softmax(self.classifier.logits(x))

    def on(self, device: str) -> "SmallTeacher":
        return self

    def save(self, path: Path) -> None:
        raise NotImplementedError


@cache
def small_server() -> Server:
    """Labelled sets of a hundred windows, and what is trained on them."""
    embedded = EmbeddedSettings(n_epochs=5, batch_size=32, n_restarts=1)
    baseline_set = TrainingSet(sounds(40, seed=1), sounds(20, seed=2))
    comprehensive_set = TrainingSet(sounds(96, seed=3), sounds(32, seed=4))
    baseline, comprehensive, teaching = (
        train(embedded, samples, seed=np.random.SeedSequence(seed))
        for seed, samples in enumerate((baseline_set, comprehensive_set, comprehensive_set))
    )
    x = comprehensive_set.training.x
    everything = GmmAggregator(n_components=4).fit(x, seed=0)
    return Server(
        baseline_set=baseline_set,
        comprehensive_set=comprehensive_set,
        baseline_transfer_set=baseline_set,
        comprehensive_transfer_set=comprehensive_set,
        teacher=SmallTeacher(teaching),
        baseline=baseline,
        comprehensive=comprehensive,
        embedded=embedded,
        everything=everything,
        deviations=deviations(everything, x),
    )
