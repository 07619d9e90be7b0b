"""Self-training: a classifier goes on learning from what it is certain of itself."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.arithmetic.functions import softmax
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, N_MACS, N_NUMBERS, EmbeddedClassifier
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.training import EmbeddedSettings, train

_DROPOUT = 0.05


@dataclass(frozen=True, kw_only=True)
class SelfTraining:
    """How a classifier trains on its own labels (Lee 2013), without others to check them.

    Args:
        certainty: Softmax probability of its scene that a window needs.
        n_epochs: Passes over these windows.
        learning_rate: Of Adam.
        batch_size: With fewer certain windows than that, the classifier stays as it is.
    """

    certainty: float = 0.9
    n_epochs: int = 10
    learning_rate: float = 0.001
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_finite(self, section="self-trained")
        if not 0 <= self.certainty <= 1:
            raise SettingsError("self-trained: certainty must be in [0, 1]")
        if self.n_epochs < 1 or self.batch_size < 2 or self.learning_rate <= 0:
            raise SettingsError(
                "self-trained: n_epochs must be at least 1, batch_size at least 2 and "
                "learning_rate positive"
            )

    def certain(self, classifier: EmbeddedClassifier, x: NDArray[np.float32]) -> Samples:
        """Those of x (n_windows, 45) that a classifier is certain of, labelled by it."""
        beliefs = softmax(classifier.logits(x))
        certain = beliefs.max(axis=1) >= self.certainty
        return Samples(x[certain], beliefs[certain].argmax(axis=1))

    def train(
        self,
        classifier: EmbeddedClassifier,
        x: NDArray[np.float32],
        *,
        seed: np.random.SeedSequence | int,
    ) -> EmbeddedClassifier:
        """What a classifier becomes on windows without labels.

        Args:
            classifier: What it was; the one that labels, too.
            x: (n_windows, 45) in dB.
            seed: Of the order of windows and the dropout.
        """
        samples = self.certain(classifier, x)
        if len(samples) < self.batch_size:
            return classifier
        settings = EmbeddedSettings(
            inputs=classifier.inputs,
            n_epochs=self.n_epochs,
            learning_rate=self.learning_rate,
            dropout=_DROPOUT,
            batch_size=self.batch_size,
            keep="last",
            n_restarts=1,
        )
        return train(
            settings,
            TrainingSet(samples, Samples.none(N_INPUTS)),
            seed=seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed),
            start=classifier,
        )

    def memory_bytes(self, n_windows: int) -> int:
        """The day with its labels, the weights, their gradient and Adam's two moments."""
        n_parameters = N_NUMBERS - 2 * N_INPUTS
        return 4 * (n_windows * (N_INPUTS + 1) + N_NUMBERS + 3 * n_parameters)

    def n_macs(self, n_windows: int) -> int:
        """An inference to label a window, and as much as three in each pass: forward and back."""
        return n_windows * N_MACS * (1 + 3 * self.n_epochs)
