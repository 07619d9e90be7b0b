"""Samples as the compiled loops of C1's training take them."""

from dataclasses import dataclass

import numpy as np

from fedasc.models.embedded import Weights
from fedasc.models.inputs import Inputs, inputs_of
from fedasc.models.samples import Samples
from fedasc.models.training_kernel import aligned, with_ones
from fedasc.scenes import N_SCENES


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples laid out.

    Args:
        x: (n_samples, N_COLUMNS) inputs, see `with_ones`.
        targets: (n_samples, n_outputs) weight of each class in the loss of each sample.
    """

    x: Weights
    targets: Weights

    @classmethod
    def of(cls, samples: Samples, inputs: Inputs) -> "Rows":
        """Those of samples, for a classifier that is given such inputs."""
        targets = np.ascontiguousarray(samples.targets(), np.float32)
        return cls(with_ones(inputs_of(samples.x, inputs)), targets)

    def __len__(self) -> int:
        return len(self.x)


NO_ROWS = Rows(aligned(0), np.zeros((0, N_SCENES), np.float32))
