"""The device's half of an idea: how a day becomes a summary."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import inf

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Components, Content
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.public import Public
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.plugins import Family, Plugin

Stream = Iterator[NDArray[np.float32]]
"""Sequences x, (45,) in dB each, in the order in which they were heard. They pass once, and nobody
asks for more after the last."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What summarising a day costs a device at most, with numbers of four bytes.

    Args:
        n_bytes: Sent.
        memory_bytes: Held at a time, for what was heard, for the state and for the work.
        n_macs: Multiplications with an addition, over the whole day.
        n_rounded: Arrays of numbers that the release stage may round.
        n_exact_bytes: Of those sent, what is never rounded.
        n_components: Sent, of a kind that consists of them; None if only their bytes are limited.

    Examples:
        >>> from fedasc.aggregators.gmm import GmmAggregator
        >>> GmmAggregator(n_components=32).budget(1000).n_bytes
        11648
    """

    n_bytes: int
    memory_bytes: int
    n_macs: int
    n_rounded: int = 0
    n_exact_bytes: int = 0
    n_components: int | None = None


class Aggregator(Plugin):
    """How a device summarises its day. Implementations are frozen dataclasses of their settings.

    They are used on devices, so they never import PyTorch.
    """

    family = Family(
        word="aggregator",
        group="fedasc.aggregators",
        default="gmm",
        builtin={
            "gmm": "fedasc.aggregators.gmm:GmmAggregator",
            "answered": "fedasc.aggregators.answered:AnsweredAggregator",
            "moments": "fedasc.aggregators.moments:MomentsAggregator",
            "stepwise-em": "fedasc.aggregators.stepwise_em:StepwiseEmAggregator",
            "kmeans": "fedasc.aggregators.kmeans:KMeansAggregator",
            "scene-gaussians": "fedasc.aggregators.scene_gaussians:SceneGaussiansAggregator",
            "dp-mixture": "fedasc.aggregators.dp_mixture:DpMixtureAggregator",
            "features": "fedasc.aggregators.features:FeaturesAggregator",
            "pooled-sums": "fedasc.aggregators.pooled_sums:PooledSumsAggregator",
            "self-trained": "fedasc.aggregators.self_trained:SelfTrainedAggregator",
            "nothing": "fedasc.aggregators.nothing:NothingAggregator",
        },
    )

    sends_raw: bool = False
    """Whether what was heard is sent as it is, as by a ceiling for comparisons."""

    epsilon: float | None = None
    """ε of differential privacy of what is read of a day; None, or infinite, if nothing bounds
    what that tells."""

    limit: float = inf
    """ε that the nights of a run may add up to (see `fedasc.privacy.accountant`)."""

    @property
    @abstractmethod
    def kind(self) -> type[Content]:
        """What it sends; a class attribute will do."""

    @abstractmethod
    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Content | Draft[Components]:
        """Make a day's summary.

        Args:
            stream: What was heard, two windows at least.
            classifier: The one that the device has.
            public: What the server has published, the same for every device.
            seed: Of every draw.

        Returns:
            What would be sent. Of a kind that consists of components, such as mixtures, a draft
            that tells how many windows stand behind each.
        """

    def spent(self, n_nights: int) -> float | None:
        """ε that so many nights of one device add up to; None if nothing bounds it."""
        return None

    def check(self, content: Content) -> None:
        """Hold that a content of its kind is one that these settings ask for; by default any is.

        Raises:
            MessageError: If it isn't.
        """

    @abstractmethod
    def budget(self, n_windows: int) -> Budget:
        """What a day of so many windows costs at most."""


def whole(stream: Stream) -> NDArray[np.float32]:
    """(n_windows, 45) a day at once, for aggregators that must keep it."""
    return np.stack(list(stream))


def pieces(stream: Stream, n_windows: int = 50) -> Iterator[NDArray[np.float32]]:
    """(n_windows, 45) at a time, and fewer at the end.

    By default for aggregators that take each window by itself: the simulation is several times as
    fast when they are handed on together.
    """
    while piece := list(islice(stream, n_windows)):
        yield np.stack(piece)
        if len(piece) < n_windows:
            return
