"""A device: it listens, summarises, and takes what the server sends. Never imports torch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Stream
from fedasc.aggregators.public import Public
from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import Confusion
from fedasc.faults import fault_of
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.models.self_training import SelfTraining
from fedasc.questions.questions import Answers, Questions
from fedasc.release.release import Release


@dataclass(frozen=True, eq=False, kw_only=True)
class Device:
    """A hearing aid, whatever it hears.

    Args:
        aggregator: How it summarises its day.
        release: What of a summary may leave it.
        classifier: The one that it has.
        public: What the server has published; it came with the app.
        training: What it does with the classifier that it has once the server has answered.
    """

    aggregator: Aggregator
    release: Release
    classifier: EmbeddedClassifier
    public: Public
    training: SelfTraining | None = None

    def summarise(self, stream: Stream, *, seed: int) -> Summary:
        """Listen for a day and summarise what was heard; nothing else is kept.

        Args:
            stream: What is heard, two windows at least.
            seed: Of every draw.
        """
        day = _Counted(stream)
        with fault_of(self.aggregator, "summarise"):
            made = self.aggregator.summarise(
                day, classifier=self.classifier, public=self.public, seed=seed
            )
            for _ in day:  # an aggregator needn't listen to the end
                pass
            return self.release.summary(made, day.n_windows, aggregator=self.aggregator, seed=seed)

    def given(self, classifier: EmbeddedClassifier) -> "Device":
        """With the classifier that the server sent."""
        return replace(self, classifier=classifier)

    def trained(self, x: NDArray[np.float32], *, seed: np.random.SeedSequence) -> "Device":
        """With its classifier trained on what was heard, if it trains at all.

        Args:
            x: (n_windows, 45) in dB.
            seed: Of every draw.
        """
        if self.training is None:
            return self
        return self.given(self.training.train(self.classifier, x, seed=seed))


class Devices(Protocol):
    """Devices that a process hosts, each known by its number: simulated ones, or real ones.

    They forget their classifiers: who asks them says what each of them has.
    """

    def summarise(
        self, index: int, classifier: EmbeddedClassifier, *, night: int
    ) -> Summary | None:
        """What a device sends of its day; None if it sends nothing that night.

        Args:
            classifier: The one that it has.
        """
        ...

    def ask(self, index: int, questions: Questions) -> Answers | None:
        """What a device's user says of moments of the day that the questions are about.

        None if she wasn't there that day.
        """
        ...

    def settled(
        self, index: int, classifier: EmbeddedClassifier, *, night: int
    ) -> EmbeddedClassifier:
        """The classifier that a device goes on with.

        Args:
            classifier: The one that it has after the server's answer.
        """
        ...

    def judge(
        self, index: int, classifiers: Mapping[str, EmbeddedClassifier], *, night: int
    ) -> Mapping[str, Confusion] | None:
        """How classifiers do where its user lives; None if she isn't there that night."""
        ...


class _Counted:
    """A stream that knows how many windows have passed."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.n_windows = 0

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return self

    def __next__(self) -> NDArray[np.float32]:
        window = next(self._stream)
        self.n_windows += 1
        return window
