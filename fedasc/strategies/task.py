"""A classifier to make, and for whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.models.embedded import EmbeddedClassifier


@dataclass(frozen=True, eq=False)
class Task:
    """A classifier to make.

    Args:
        devices: Who gets it; its draws come from the streams of the first.
        content: What is known of them.
        last: The classifier that the first of them was sent last, if any.
        truth: (n_windows,) true scenes of features, for a strategy that uses them.
    """

    devices: tuple[int, ...]
    content: Content
    last: EmbeddedClassifier | None = None
    truth: NDArray[np.int64] | None = None
