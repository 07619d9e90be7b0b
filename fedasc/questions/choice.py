"""The choice of questions: of which components of her mixture a user is asked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.functions import softmax
from fedasc.audio import FloatArray
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.evidence import means_near
from fedasc.scenes import N_SCENES

Choice = Literal["doubt", "change", "random"]


@dataclass(frozen=True, eq=False)
class Probed:
    """A mixture by samples of it.

    Args:
        mixture: A day's.
        x: (n_samples, n_features) drawn from it.
        posteriors: (n_samples, 4) the teacher's.
    """

    mixture: Mixture
    x: NDArray[np.float32]
    posteriors: FloatArray

    def doubt(self) -> FloatArray:
        """(n_components,) weight times the probability that the teacher's first scene is wrong.

        Uncertainty sampling (Lewis and Gale 1994), of components by their mean posteriors.
        """
        worth: FloatArray = self.mixture.weights * (1 - self._mean(self.posteriors).max(axis=1))
        return worth

    def change(self, classifier: EmbeddedClassifier) -> FloatArray:
        """(n_components,) weight times the expected length of the gradient that an answer gives.

        Of the cross-entropy by the scores of a classifier, over what the teacher expects the answer
        to be (Settles, Craven and Ray 2008): the sum over y of p(y | x) |q(x) - e(y)|.

        Args:
            classifier: Whose probabilities are q.
        """
        given = softmax(classifier.logits(self.x))
        away = given[:, np.newaxis, :] - np.eye(N_SCENES)
        lengths = np.sqrt((away**2).sum(axis=2))
        expected = self._mean(self.posteriors * lengths).sum(axis=1)
        worth: FloatArray = self.mixture.weights * expected
        return worth

    def _mean(self, values: FloatArray) -> FloatArray:
        """(n_components, 4) mean of values (n_samples, 4) near each component."""
        return means_near(self.mixture.responsibilities(self.x), values)


def shared_out(
    worth: FloatArray, n_questions: int, *, most: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Questions of each component, one after the other to where the next is worth most.

    Where k were asked before, the next is worth 1 / (k + 1) of the first (D'Hondt's divisors).

    Args:
        worth: (n_components,) of a first question; who is worth nothing is asked last.
        most: (n_components,) that can be asked.

    Returns:
        (n_components,) with sum n_questions, or less where there aren't so many.
    """
    counts = np.zeros(len(worth), np.int64)
    for _ in range(min(n_questions, int(most.sum()))):
        next_worth = np.where(counts < most, worth / (counts + 1), -np.inf)
        counts[next_worth.argmax()] += 1
    return counts.astype(np.uint8)


def by_lot(
    n_questions: int, *, most: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """(n_components,) questions about any moments of a day.

    Args:
        most: (n_components,) moments of each.
    """
    moments = np.repeat(np.arange(len(most)), most)
    drawn = rng.permutation(moments)[:n_questions]
    return np.bincount(drawn, minlength=len(most)).astype(np.uint8)
