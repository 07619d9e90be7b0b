"""Evidence: what answers of users tell of samples that lie where the questions were about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.functions import softmax
from fedasc.arithmetic.product import product
from fedasc.audio import FloatArray
from fedasc.questions.questions import Answers, Questions
from fedasc.scenes import N_SCENES
from fedasc.values import lock_arrays

LEAST = 1e-3
"""Of a probability and of a share of samples; what is smaller can't be divided by."""
_FEW = 5
"""Answers that may well name the same scene."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Answers about a day.

    Args:
        mixture: Of that day, as it was sent.
        counts: (n_components, 4) how often the user said each scene of a moment of each.
    """

    mixture: Mixture
    counts: FloatArray

    def __post_init__(self) -> None:
        lock_arrays(self)

    def is_monotonous(self, expected: FloatArray) -> bool:
        """Whether the user named one scene all the time where most moments were hardly of it.

        Who says the same whatever it was tells nothing, and believing her would harm her.

        Args:
            expected: (n_components, 4) the teacher's mean posterior in each component.
        """
        by_scene = self.counts.sum(axis=0)
        if np.count_nonzero(by_scene) != 1 or by_scene.max() < _FEW:
            return False
        scene = by_scene.argmax()
        like_it: bool = self.counts[:, scene] @ expected[:, scene] >= by_scene[scene] / 2
        return not like_it

    def faded(self, share: float) -> "Evidence":
        """The same as if so large a share of it had been said."""
        return replace(self, counts=self.counts * share)


def evidence(asked: Mapping[int, Questions], answers: Mapping[int, Answers]) -> dict[int, Evidence]:
    """What answers tell, by device; of users who said nothing at all, nothing.

    Args:
        asked: What each user was asked.
        answers: What each user said.
    """
    return {
        device: Evidence(asked[device].mixture, said.by_component(asked[device]))
        for device, said in answers.items()
        if said.n_answers
    }


@dataclass(frozen=True)
class Told:
    """What the users of a classifier have said, each about one day or several.

    Args:
        by_user: Evidence of each user, the latest day last; one day at least.
        strength: How many answers the teacher's mean posterior in a component counts as (κ).
    """

    by_user: tuple[tuple[Evidence, ...], ...]
    strength: float

    def corrected(self, x: NDArray[np.float32], posteriors: FloatArray) -> FloatArray:
        """The teacher's posteriors of samples, corrected by what users said near them.

        In a component in which the teacher's mean posterior is t, and of n moments of which the
        user said the scenes c times each, p(y | x) becomes p(y | x) · (κ t + c) / ((κ + n) t), in
        proportion: the component's mean then is what a Dirichlet prior of strength κ about t has
        for its mean after c. Near several components, each counts by its responsibility for x.

        Args:
            x: (n_samples, n_features)
            posteriors: (n_samples, 4), of the teacher.

        Returns:
            (n_samples, 4) with sum 1.
        """
        means, counts = np.zeros((2, len(x), N_SCENES))
        for share, days in zip(self._shares(x).T, self.by_user, strict=True):
            for day in days:
                near = day.mixture.responsibilities(x) * share[:, np.newaxis]
                expected = np.maximum(means_near(near, posteriors), LEAST)
                means += product(near, expected) / len(days)
                if not day.is_monotonous(expected):
                    counts += product(near, day.counts)
        n_answers = counts.sum(axis=1, keepdims=True)
        told = (self.strength * means + counts) / ((self.strength + n_answers) * means)
        corrected: FloatArray = posteriors * told
        corrected /= corrected.sum(axis=1, keepdims=True)
        return corrected

    def _shares(self, x: NDArray[np.float32]) -> FloatArray:
        """(n_samples, n_users) how likely each user is the one who heard a sample."""
        if len(self.by_user) == 1:
            return np.ones((len(x), 1))
        densities = [days[-1].mixture.log_density(x) for days in self.by_user]
        return softmax(np.stack(densities, axis=1))


def joined(by_user: Sequence[tuple[Evidence, ...]], strength: float) -> Told | None:
    """What users have said who said anything; None if nobody did."""
    said = tuple(days for days in by_user if days)
    return Told(said, strength) if said else None


def means_near(near: FloatArray, values: FloatArray) -> FloatArray:
    """(n_components, m) mean of the values of samples near each component.

    Where hardly any are, it is that of all of them.

    Args:
        near: (n_samples, n_components) share of each sample in each component.
        values: (n_samples, m)
    """
    totals = near.sum(axis=0)[:, np.newaxis] + LEAST
    sums = product(np.ascontiguousarray(near.T), values)
    mean: FloatArray = (sums + LEAST * values.mean(axis=0)) / totals
    return mean
