"""The paper's aggregator: a Gaussian mixture fitted by expectation maximisation."""

import logging
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from fedasc.aggregators.mixture import Mixture
from fedasc.errors import SettingsError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class GmmAggregator:
    """Settings of the mixture, and its fit by scikit-learn.

    Args:
        n_components: N of the paper; fewer when few windows were heard.
        min_windows: Components that stand for fewer windows are left out: the mean of a component
            with a single window would be that window's features.
        n_iterations: Steps of expectation maximisation at most.
        variance_floor_db2: Added to every variance, so that no component collapses on a window
            heard twice; the features' own variance is about 100 dB².
    """

    n_components: int = 32
    min_windows: int = 5
    n_iterations: int = 100
    variance_floor_db2: float = 0.01

    def __post_init__(self) -> None:
        if min(self.n_components, self.min_windows, self.n_iterations) < 1:
            raise SettingsError(
                "gmm: n_components, min_windows and n_iterations must be at least 1"
            )
        if self.variance_floor_db2 <= 0:
            raise SettingsError("gmm: variance_floor_db2 must be positive")

    def summarise(self, x: NDArray[np.float32], *, seed: int) -> Mixture:
        """Fit a mixture to what was heard.

        Args:
            x: (n_windows, n_features) sequences in dB, at least two.
            seed: Of the first assignment to components.
        """
        model = GaussianMixture(
            max(1, min(self.n_components, len(x) // self.min_windows)),
            covariance_type="diag",
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
        large = model.weights_ >= min(self.min_windows / len(x), model.weights_.max())
        return Mixture(
            (model.weights_[large] / model.weights_[large].sum()).astype(np.float32),
            model.means_[large].astype(np.float32),
            model.covariances_[large].astype(np.float32),
        )
