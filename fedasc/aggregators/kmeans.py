"""A mixture of clusters: each window belongs to one of them for good."""

import math
from dataclasses import dataclass
from itertools import chain

import numpy as np

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, pieces
from fedasc.aggregators.clusters import Centres, apart
from fedasc.aggregators.draft import Draft, mixture_draft
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.running import RunningGaussians
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier


@dataclass(frozen=True, kw_only=True)
class KMeansAggregator(Aggregator):
    """Clusters of k-means that follow mini-batches (Sculley 2010), as Gaussians.

    Args:
        n_components: Clusters; fewer if the first mini-batch doesn't hold min_windows windows for
            each.
        min_windows: A setting of the fit, as in `GmmAggregator`: clusters of fewer windows are left
            out.
        batch_size: Windows kept at a time.
        variance_floor_db2: Added to every variance (see `GmmAggregator`).
    """

    kind = Mixture

    n_components: int = 32
    min_windows: int = 5
    batch_size: int = 160
    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        check_finite(self, section="kmeans")
        if min(self.n_components, self.min_windows, self.batch_size) < 1:
            raise SettingsError(
                "kmeans: n_components, min_windows and batch_size must be at least 1"
            )
        if self.variance_floor_db2 <= 0:
            raise SettingsError("kmeans: variance_floor_db2 must be positive")

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        clusters = self.clusters(stream, seed=seed)
        n_windows = clusters.weights.sum()
        heard = clusters[clusters.weights > 0]
        return mixture_draft(
            heard.weights / n_windows,
            heard.means,
            heard.scatters / heard.weights[:, None] + self.variance_floor_db2,
            n_effective=heard.weights,
            least=self.min_windows / n_windows,
        )

    def clusters(self, stream: Stream, *, seed: int) -> RunningGaussians:
        """Numbers of windows in each cluster, their means and scatters."""
        batches = (piece.astype(np.float64) for piece in pieces(stream, self.batch_size))
        first = next(batches)
        # Of no more clusters than that, one at least has min_windows windows, or all there are.
        n_clusters = max(1, min(self.n_components, len(first) // self.min_windows))
        # Of the legacy kind, whose draws scikit-learn makes.
        rng = np.random.RandomState(seed)
        centres = Centres.at(first[apart(first, n_clusters, rng=rng)])
        clusters = RunningGaussians.empty(n_clusters, first.shape[1])
        units = np.eye(n_clusters)
        for batch in chain([first], batches):
            # No centre moves elsewhere at once: its cluster would keep its old windows.
            centres = centres.followed(batch)
            for x, label in zip(batch, centres.nearest(batch), strict=True):
                clusters = clusters.added(x, units[label])
        return clusters

    def budget(self, n_windows: int) -> Budget:
        """A mini-batch stands beside the centres and the statistics.

        With each window stands a distance, and with each centre a count.

        A window takes its distances to all centres twice, before and after they move, and is added
        to a centre, a mean and a scatter. The first centres are the best of 2 + ln n candidates
        each (Arthur and Vassilvitskii 2007), all windows of a mini-batch away.
        """
        n, size = self.n_components, 1 + 2 * N_INPUTS
        n_first = min(n_windows, self.batch_size)
        n_candidates = n * int(2 + math.log(n))
        return Budget(
            n_bytes=4 * n * size,
            memory_bytes=4 * (n_first * (N_INPUTS + 1) + n * (N_INPUTS + 1 + size)),
            n_macs=N_INPUTS * (n_windows * (2 * n + 3) + n_first * n_candidates),
            n_rounded=3,
            n_components=n,
        )
