"""A Gaussian mixture that a device fits while it listens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fedasc.aggregators.aggregator import Aggregator, Budget, Stream, pieces
from fedasc.aggregators.draft import ALMOST, Draft, mixture_draft
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.config import check_finite
from fedasc.errors import SettingsError
from fedasc.models.embedded import N_INPUTS, EmbeddedClassifier

if TYPE_CHECKING:
    from fedasc.aggregators.stepwise_mixture import StepwiseGaussianMixture


@dataclass(frozen=True, kw_only=True)
class StepwiseEmAggregator(Aggregator):
    """Online expectation maximisation, which keeps statistics and no windows.

    What the order of the windows means, `StepwiseGaussianMixture` tells.

    Args:
        n_components: N of the paper.
        min_windows: A setting of the fit, as in `GmmAggregator`: components are left out that stand
            for less than so many times the window with the most weight; at a step exponent of 1,
            for fewer windows.
        step_exponent: In (0.5, 1]; under 1 the last windows weigh more, and more components are
            left out.
        step_delay: Makes the first steps smaller.
        n_merged: Windows from which components are made by merging.
        prior_windows: Windows' worth of the mean variance that each component's is mixed with.
        variance_floor_db2: Added to every variance (see `GmmAggregator`).
    """

    kind = Mixture

    n_components: int = 16
    min_windows: int = 5
    step_exponent: float = 1.0
    step_delay: float = 0.0
    n_merged: int = 400
    prior_windows: float = 5.0
    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        check_finite(self, section="stepwise-em")
        if min(self.n_components, self.min_windows) < 1:
            raise SettingsError("stepwise-em: n_components and min_windows must be at least 1")
        if not 0.5 < self.step_exponent <= 1:
            raise SettingsError("stepwise-em: step_exponent must be in (0.5, 1]")
        if min(self.step_delay, self.n_merged, self.prior_windows) < 0:
            raise SettingsError(
                "stepwise-em: step_delay, n_merged and prior_windows must not be negative"
            )
        if self.variance_floor_db2 <= 0:
            raise SettingsError("stepwise-em: variance_floor_db2 must be positive")

    def estimator(self) -> "StepwiseGaussianMixture":
        """One that has seen nothing."""
        # As an estimator it imports scikit-learn, which takes a second.
        from fedasc.aggregators.stepwise_mixture import StepwiseGaussianMixture

        return StepwiseGaussianMixture(
            self.n_components,
            step_exponent=self.step_exponent,
            step_delay=self.step_delay,
            n_merged=self.n_merged,
            prior_samples=self.prior_windows,
            variance_floor=self.variance_floor_db2,
        )

    def summarise(
        self, stream: Stream, *, classifier: EmbeddedClassifier, public: Public, seed: int
    ) -> Draft[Mixture]:
        model = self.estimator()
        for piece in pieces(stream):
            model.partial_fit(piece)
        least = self.min_windows * model.heaviest_ * ALMOST
        # Of no more components than that, one at least has the least weight, or stands for all.
        fewer = model.of_at_most(max(1, int(1 / least)))
        return mixture_draft(
            fewer.weights_,
            fewer.means_,
            fewer.covariances_,
            n_effective=fewer.weights_ / model.heaviest_,
            least=least,
        )

    def budget(self, n_windows: int) -> Budget:
        """A window is a component of its own before it is merged, one more than are kept.

        Beside the state stand the window, and each component's responsibility and cost to merge. A
        window takes 45 · 5 for each component: its variance, its distance, the sums; and when it is
        merged, 45 for each pair.
        """
        size, n = 1 + 2 * N_INPUTS, self.n_components
        n_merged = min(n_windows, max(self.n_merged, n))
        n_pairs = (n + 1) * n // 2
        return Budget(
            n_bytes=4 * n * size,
            memory_bytes=4 * ((n + 1) * size + N_INPUTS + 2 * (n + 1)),
            n_macs=N_INPUTS * (n_windows * n * 5 + n_merged * n_pairs),
            n_rounded=3,
            n_components=n,
        )
