"""The paper's aggregator: a Gaussian mixture fitted by expectation maximisation."""

import logging
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from fedasc.aggregators.mixture import Mixture
from fedasc.audio import FloatArray
from fedasc.config import check_choices
from fedasc.errors import SettingsError

logger = logging.getLogger(__name__)

Covariance = Literal["diagonal", "full"]
_AS_SCIKIT_LEARN: dict[Covariance, str] = {"diagonal": "diag", "full": "full"}


@dataclass(frozen=True, kw_only=True)
class GmmAggregator:
    """Settings of the mixture, and its fit by scikit-learn.

    Args:
        n_components: N of the paper; fewer when few windows were heard.
        covariance: diagonal, or full (section 5.2). With 45 features a component has 91 numbers if
            diagonal and 1,081 if full, of whose symmetric matrix one half is sent: 32 diagonal
            components are 11,648 bytes, 4 full ones 17,296 (three times as many parameters in the
            paper, which counts both halves). A full covariance tells more, too: made of no more
            windows than there are features, its span is that of these windows' differences. So a
            full component needs one window more than there are features, or min_windows if that
            is more.
        min_windows: Components that stand for fewer windows are left out: the mean of a component
            with a single window would be that window's features.
        n_iterations: Steps of expectation maximisation at most.
        variance_floor_db2: Added to every variance, so that no component collapses on a window
            heard twice; the features' own variance is about 100 dB².
    """

    n_components: int = 32
    covariance: Covariance = "diagonal"
    min_windows: int = 5
    n_iterations: int = 100
    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        if min(self.n_components, self.min_windows, self.n_iterations) < 1:
            raise SettingsError(
                "gmm: n_components, min_windows and n_iterations must be at least 1"
            )
        check_choices(self, section="gmm")
        if self.variance_floor_db2 <= 0:
            raise SettingsError("gmm: variance_floor_db2 must be positive")

    def summarise(self, x: NDArray[np.float32], *, seed: int) -> Mixture:
        """Fit a mixture to what was heard.

        Args:
            x: (n_windows, n_features) sequences in dB, at least two.
            seed: Of the first assignment to components.
        """
        full = self.covariance == "full"
        min_windows = max(self.min_windows, x.shape[1] + 1) if full else self.min_windows
        model = GaussianMixture(
            max(1, min(self.n_components, len(x) // min_windows)),
            covariance_type=_AS_SCIKIT_LEARN[self.covariance],
            reg_covar=self.variance_floor_db2,
            max_iter=self.n_iterations,
            random_state=seed,
        )
        # One thread: sums over threads would end in another order on another machine.
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(x.astype(np.float64))
        if not model.converged_:
            logger.debug("mixture not converged after %d iterations", self.n_iterations)
        # One component at least is as large as the mean, and that is min_windows or all there is.
        large = model.weights_ >= min(min_windows / len(x), model.weights_.max())
        covariances = model.covariances_[large]
        return Mixture(
            (model.weights_[large] / model.weights_[large].sum()).astype(np.float32),
            model.means_[large].astype(np.float32),
            _rounded(covariances) if full else covariances.astype(np.float32),
        )


def _rounded(covariances: FloatArray) -> NDArray[np.float32]:
    """Full covariances in float32, symmetric to the last bit and positive definite.

    Rounding moves the eigenvalues of a matrix by no more than half a unit in the last place of its
    largest sum of a row; twice that is added to the diagonal. With 45 features it is less than a
    hundred thousandth of the largest variance.
    """
    largest = np.abs(covariances).sum(axis=2).max(axis=1)
    margin = np.finfo(np.float32).eps * largest[:, None, None] * np.eye(covariances.shape[1])
    lower = np.tril(covariances + margin).astype(np.float32)
    rounded: NDArray[np.float32] = lower + np.swapaxes(np.tril(lower, -1), 1, 2)
    return rounded
