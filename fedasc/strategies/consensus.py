"""Consensus: the teacher's labels of samples that lie together, bound to one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.mixture import Mixture
from fedasc.arithmetic.functions import exp, log
from fedasc.arithmetic.product import product
from fedasc.audio import FloatArray
from fedasc.questions.evidence import LEAST, means_near


@dataclass(frozen=True)
class Consensus:
    """The teacher's posteriors of samples of a mixture, each bound to those near it.

    A component holds what sounds alike to a device, mostly of one recording or place, so what is in
    it is mostly of one scene. In a component in which the teacher's mean posterior is t,
    p(y | x) becomes p(y | x) t(y)^power, in proportion. Near several components, each counts by its
    responsibility for x.

    Args:
        mixture: A user's.
        power: 0 for the teacher's word as it is; with 1 those near a sample count as much as it.
    """

    mixture: Mixture
    power: float

    def __call__(self, x: NDArray[np.float32], posteriors: FloatArray) -> FloatArray:
        """Bound posteriors (n_samples, 4) of samples x (n_samples, n_features)."""
        near = self.mixture.responsibilities(x)
        means = product(near, np.maximum(means_near(near, posteriors), LEAST))
        bound: FloatArray = posteriors * exp(self.power * log(means))
        bound /= bound.sum(axis=1, keepdims=True)
        return bound
