"""Both halves of an idea, with a summary of a kind of its own: a histogram of each feature.

fedasc run --aggregator simulations/plugins/histograms.py:Histograms \
           --strategy simulations/plugins/histograms.py:FromHistograms
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream
from fedasc.aggregators.content import Claims, Content
from fedasc.aggregators.public import Public
from fedasc.errors import MessageError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier
from fedasc.server import Server
from fedasc.strategies.drawing import Drawing, Endless
from fedasc.strategies.personalised import PersonalisedStrategy

EDGES_DB = np.linspace(-100.0, 50.0, 76)


@dataclass(frozen=True, eq=False)
class Counts(Content):
    """(n_features, n_bins) how often each feature lay between two edges."""

    kind = "histograms"
    counts: NDArray[np.int32]

    def __post_init__(self) -> None:
        shape, dtype = (N_INPUTS, len(EDGES_DB) - 1), np.int32
        if self.counts.shape != shape or self.counts.dtype != dtype or (self.counts < 0).any():
            raise MessageError(f"histograms: expected counts of shape {shape}")
        if len({*self.counts.sum(axis=1).tolist()}) > 1 or not self.counts.any():
            raise MessageError("histograms: expected the same windows of every feature")

    def claims(self) -> Claims:
        return Claims(n_windows=int(self.counts[0].sum()))


@dataclass(frozen=True, kw_only=True)
class Histograms(Aggregator):
    """Each window is counted and forgotten."""

    kind = Counts

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Counts:
        counts = np.zeros((N_INPUTS, len(EDGES_DB) - 1), np.int32)
        for x in stream:
            place = np.clip(np.searchsorted(EDGES_DB, x) - 1, 0, counts.shape[1] - 1)
            counts[np.arange(N_INPUTS), place] += 1
        return Counts(counts)

    def budget(self, n_windows: int) -> Budget:
        size = 4 * N_INPUTS * (len(EDGES_DB) - 1)
        return Budget(n_bytes=size, memory_bytes=size, n_macs=0, n_exact_bytes=size)


@dataclass(frozen=True, kw_only=True)
class FromHistograms(PersonalisedStrategy):
    """Every feature is drawn by itself, and the teacher labels what comes out."""

    accepts = (Counts,)
    default_aggregator = "simulations/plugins/histograms.py:Histograms"

    def draws(self, server: Server, content: Content, *, rng: np.random.Generator) -> Drawing:
        assert isinstance(content, Counts)
        shares = content.counts / content.counts.sum(axis=1, keepdims=True)
        width = EDGES_DB[1] - EDGES_DB[0]

        def draw(n_samples: int) -> NDArray[np.float32]:
            bins = [rng.choice(len(share), n_samples, p=share) for share in shares]
            lower = EDGES_DB[np.array(bins).T]
            x: NDArray[np.float32] = (lower + width * rng.random(lower.shape)).astype(np.float32)
            return x

        return Endless(draw)
