"""What classifiers took each window of a device for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.evaluation.scores import Confusion, confusion
from fedasc.values import lock_arrays


@dataclass(frozen=True, eq=False)
class Predictions:
    """Of a device, on its evaluation windows of a night.

    Args:
        truth: (n_windows,) uint8, the true scenes.
        said: By classifier (`fedasc.evaluation.scores.CLASSIFIERS`), (n_windows,) uint8.
    """

    truth: NDArray[np.uint8]
    said: Mapping[str, NDArray[np.uint8]]

    def __post_init__(self) -> None:
        lock_arrays(self)

    @classmethod
    def of(
        cls, truth: NDArray[np.integer], said: Mapping[str, NDArray[np.integer]]
    ) -> "Predictions":
        """Of scenes as any integers."""
        return cls(
            truth.astype(np.uint8), {name: one.astype(np.uint8) for name, one in said.items()}
        )

    def confusion(self, name: str) -> Confusion:
        """What they count up to, of a classifier."""
        return confusion(self.truth.astype(np.int64), self.said[name].astype(np.int64))
