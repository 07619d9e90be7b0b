"""An aggregator: how a hearing aid summarises its day.

fedasc plugin check FILE.py
fedasc run --clients 4 --aggregator FILE.py:WorkedAggregator
"""

from dataclasses import dataclass

import numpy as np

from fedasc import Aggregator, Mixture
from fedasc.aggregators.aggregator import Budget, Stream, pieces
from fedasc.aggregators.draft import Draft
from fedasc.aggregators.public import Public
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier

N_FEATURES = 45


@dataclass(frozen=True, kw_only=True)
class WorkedAggregator(Aggregator):
    """A Gaussian of every stretch of the day.

    The fields are what a settings file may say below [aggregator]; each has a default.

    Args:
        n_together: Windows of a stretch, each of 10 s.
        floor_db2: Added to every variance, so that none is 0 where nothing changes.
    """

    kind = Mixture  # what is sent: most strategies can use a mixture

    n_together: int = 50
    floor_db2: float = 0.01

    def __post_init__(self) -> None:
        if self.n_together < 5 or self.floor_db2 <= 0:
            raise SettingsError("n_together must be at least 5, and floor_db2 positive")

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        """Make the day's summary.

        Args:
            stream: Windows of (45,) features in dB, which pass once.
            classifier: The one that the device has; not needed here.
            public: What the server has published; not needed here.
            seed: Of every draw, for np.random.default_rng(seed); here nothing is drawn.
        """
        counts, means, variances = [], [], []
        for x in pieces(stream, self.n_together):  # (n_together, 45), and fewer at the end
            exact = x.astype(np.float64)
            counts.append(len(x))
            means.append(exact.mean(axis=0))
            variances.append(exact.var(axis=0) + self.floor_db2)
        n_windows = np.array(counts, np.float64)
        mixture = Mixture(
            weights=(n_windows / n_windows.sum()).astype(np.float32),
            means=np.array(means, np.float32),
            covariances=np.array(variances, np.float32),
        )
        # How many windows stand behind each component: fewer than five, and it stays here.
        return Draft(mixture, n_effective=n_windows)

    def budget(self, n_windows: int) -> Budget:
        """What a day costs the device at most, with numbers of four bytes."""
        n_components = -(-n_windows // self.n_together)
        n_bytes = 4 * n_components * (1 + 2 * N_FEATURES)
        return Budget(
            n_bytes=n_bytes,
            memory_bytes=n_bytes + 4 * self.n_together * N_FEATURES,  # a stretch is kept
            n_macs=N_FEATURES * (n_windows + 2 * n_components),
            n_rounded=3,  # arrays that may be sent in fewer bits
            n_components=n_components,
        )
