"""The mechanism under attack: everything between a device's day and what a server sees of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator
from fedasc.aggregators.content import Content
from fedasc.aggregators.public import Public
from fedasc.device import Device
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.release.release import Release


@dataclass(frozen=True, eq=False, kw_only=True)
class Mechanism:
    """An aggregator and a release stage on devices that were just shipped. Picklable.

    Args:
        aggregator: How a device summarises its day.
        release: What of that may leave it.
        classifier: The one that devices have.
        public: What the server has published.
    """

    aggregator: Aggregator
    release: Release
    classifier: EmbeddedClassifier
    public: Public

    def content(self, x: NDArray[np.float32], *, seed: int) -> Content:
        """What a server reads of a day.

        Args:
            x: (n_windows, 45) in dB, in the order in which they were heard.
            seed: Of every draw of the device.
        """
        device = Device(
            aggregator=self.aggregator,
            release=self.release,
            classifier=self.classifier,
            public=self.public,
        )
        return device.summarise(iter(x), seed=seed).content
