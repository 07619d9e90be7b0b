"""Devices that answer at once: what is left of a night is its messages."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.summary import Summary
from fedasc.evaluation.scores import Confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.questions import Questions
from fedasc.scenes import N_SCENES

_N_BITS = N_SCENES**2 - 1


@dataclass(frozen=True)
class InstantDevices:
    """Devices that all send the same summary and neither listen nor judge.

    Messages are as large, and are packed and checked, as those of real devices.

    Args:
        summary: What they send.
        n_windows: That they say they are judged on, at least 15.
    """

    summary: Summary
    n_windows: int

    def summarise(self, index: int, classifier: EmbeddedClassifier, *, night: int) -> Summary:
        return self.summary

    def ask(self, index: int, questions: Questions) -> None:
        """Nobody is asked."""

    def settled(
        self, index: int, classifier: EmbeddedClassifier, *, night: int
    ) -> EmbeddedClassifier:
        return classifier

    def judge(
        self, index: int, classifiers: Mapping[str, EmbeddedClassifier], *, night: int
    ) -> Mapping[str, Confusion]:
        """A device's counts tell its number, and so whose reply was taken for whose."""
        bits = bits_of(index)
        counts = np.append(bits, self.n_windows - bits.sum()).reshape(N_SCENES, N_SCENES)
        return dict.fromkeys(classifiers, Confusion(counts))


def bits_of(device: int) -> NDArray[np.int64]:
    """(15,) the binary digits of its number."""
    return device >> np.arange(_N_BITS) & 1


def is_of(device: int, score: Confusion) -> bool:
    """Whether a device with this number gave this score."""
    return np.array_equal(score.counts.ravel()[:_N_BITS], bits_of(device))
