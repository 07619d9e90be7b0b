"""The paper's aggregator: a Gaussian mixture fitted by expectation maximisation."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, whole
from fedasc.aggregators.covariances import n_packed
from fedasc.aggregators.draft import Draft, mixture_draft
from fedasc.aggregators.expectation import fit
from fedasc.aggregators.maximisation import Covariance
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.starts import Start, first_shares
from fedasc.aggregators.stretches import n_stretches
from fedasc.config import check_choices, check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GmmAggregator(Aggregator):
    """Settings of the mixture and of its fit.

    Args:
        n_components: N of the paper; fewer when few windows were heard.
        covariance: diagonal, full (section 5.2), or tied: a full one that all components share and
            that is sent once. With 45 features a component has 91 numbers if diagonal and 1,081 if
            full, of whose symmetric matrix one half is sent: 32 diagonal components are 11,648
            bytes, 4 full ones 17,296 (three times as many parameters in the paper, which counts
            both halves), 32 tied ones 10,028. A matrix tells more, too: made of no more windows
            than there are features, its span is that of these windows' differences. So a full
            component needs one window more than there are features, or min_windows if that is
            more, tied ones as many more windows together as there are components, and where even
            one component has fewer the covariances are diagonal.
        min_windows: A setting of the fit: no more components are asked for than there are so many
            windows for, and those that end with fewer are left out. What may leave the device, the
            release stage decides (see `fedasc.release.release`); asked for components of fewer
            windows than it lets out, it drops them.
        n_iterations: Steps of expectation maximisation at most.
        variance_floor_db2: Added to every variance, so that no component collapses on a window
            heard twice; the features' own variance is about 100 dB².
        init: What the first components are made of: k-means, clusters; k-means++, windows far
            apart; data, any windows; random, shares of all windows drawn at random.
    """

    kind = Mixture

    n_components: int = 32
    covariance: Covariance = "diagonal"
    min_windows: int = 5
    n_iterations: int = 100
    variance_floor_db2: float = 0.01
    init: Start = "k-means"

    def __post_init__(self) -> None:
        check_finite(self, section="gmm")
        if min(self.n_components, self.min_windows, self.n_iterations) < 1:
            raise SettingsError(
                "gmm: n_components, min_windows and n_iterations must be at least 1"
            )
        check_choices(self, section="gmm")
        if self.variance_floor_db2 <= 0:
            raise SettingsError("gmm: variance_floor_db2 must be positive")

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        return self._draft(whole(stream), seed=seed)

    def budget(self, n_windows: int) -> Budget:
        """The day is kept; the mixture and the sums of the next step stand beside it.

        A component takes a window's squared distance and adds it to its sums: 4 · 45, or with a
        triangle for each, 2 · 45² + 2 · 45; with one triangle for all, 2 · 45, and 2 · 45² a window
        are added.
        """
        n, triangle = self.n_components, n_packed(N_INPUTS)
        spread = {"diagonal": n * N_INPUTS, "full": n * triangle, "tied": triangle}
        work = {
            "diagonal": n * 4 * N_INPUTS,
            "full": n * (2 * N_INPUTS**2 + 2 * N_INPUTS),
            "tied": n * 2 * N_INPUTS + 2 * N_INPUTS**2,
        }
        size = n * (1 + N_INPUTS) + spread[self.covariance]
        return Budget(
            n_bytes=4 * size,
            memory_bytes=4 * (n_windows * N_INPUTS + 2 * size),
            n_macs=self.n_iterations * n_windows * work[self.covariance],
            n_rounded=3,
            n_components=n,
        )

    def fit(self, x: NDArray[np.float32], *, seed: int) -> Mixture:
        """Fit a mixture to what was heard.

        Args:
            x: (n_windows, n_features) sequences in dB, at least two.
            seed: Of the first assignment to components.
        """
        return self._draft(x, seed=seed).content

    def _draft(self, x: NDArray[np.float32], *, seed: int) -> Draft[Mixture]:
        n, n_features = x.shape
        covariance = self.covariance if n > n_features else "diagonal"
        min_windows = max(self.min_windows, n_features + 1 if covariance == "full" else 1)
        most = min(self.n_components, n // min_windows)
        if covariance == "tied":
            most = min(most, n - n_features)
        exact = np.array(x, np.float64, order="C")
        # Of the legacy kind, whose draws scikit-learn makes.
        rng = np.random.RandomState(seed)
        model = fit(
            exact,
            first_shares(self.init, exact, max(1, most), rng=rng),
            covariance=covariance,
            floor=self.variance_floor_db2,
            n_steps=self.n_iterations,
        )
        if not model.converged:
            logger.debug("mixture not converged after %d iterations", self.n_iterations)
        return mixture_draft(
            model.weights,
            model.means,
            model.covariances,
            n_effective=n * model.weights,
            n_stretches=n_stretches(model.assigned, len(model.weights)),
            least=min_windows / n,
        )
