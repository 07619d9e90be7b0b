"""A classifier to make, and for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.summary import Summary
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.questions.evidence import Evidence
from fedasc.strategies.memory import Memory
from fedasc.strategies.pooling import pooled
from fedasc.strategies.robust import bounded
from fedasc.strategies.round_context import Truth


@dataclass(frozen=True, eq=False)
class Task:
    """A classifier to make.

    Args:
        devices: Who gets it; its draws come from the streams of the first.
        content: What is known of them.
        last: The classifier that the first of them was sent last, if any.
        truth: (n_windows,) true scenes of features, for labels that are true.
        evidence: What the user of each device has said of days of hers.
    """

    devices: tuple[int, ...]
    content: Content
    last: EmbeddedClassifier | None = None
    truth: NDArray[np.int64] | None = None
    evidence: tuple[tuple[Evidence, ...], ...] = ()

    @classmethod
    def of(
        cls,
        devices: Sequence[int],
        summaries: Mapping[int, Summary],
        memory: Memory,
        truth: Truth | None,
        *,
        most: float = inf,
    ) -> "Task":
        """One classifier for devices, whose summaries are pooled by the windows they stand for.

        Args:
            summaries: Tonight's, by device.
            memory: What is known of the devices, tonight's summaries included.
            truth: Likewise, if it is to be used; of a group, in the order of its features.
            most: How many times the median of the devices any of them may count.
        """
        n_windows = [summaries[device].n_windows for device in devices]
        return cls(
            tuple(devices),
            pooled(
                [memory.contents[device] for device in devices],
                bounded(np.array(n_windows, np.float64), most=most).tolist(),
            ),
            memory.classifiers.get(devices[0]),
            np.concatenate([truth(device) for device in devices]) if truth else None,
            tuple(memory.evidence.get(device, ()) for device in devices),
        )
