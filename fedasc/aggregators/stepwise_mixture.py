"""Online expectation maximisation: a Gaussian mixture of a stream that passes once."""

from copy import copy
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from fedasc.aggregators.running import RunningGaussians
from fedasc.arithmetic.functions import exp, log, log_sum_exp
from fedasc.audio import FloatArray

_TINY = np.finfo(np.float64).tiny


class StepwiseGaussianMixture(DensityMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of Gaussians with diagonal covariances; each sample is seen once, and then gone.

    The state is the mean sufficient statistics, 2 · n_features + 1 numbers for each component,
    whatever the number of samples, and the parameters are derived from it (Cappé and Moulines 2009,
    section 3): after sample t the statistics are (1 - γ) times what they were plus γ times that
    sample's, weighted by its responsibilities, with γ = (t + step_delay) ^ -step_exponent.

    There is no step of maximisation for the first samples, when no parameters are worth following.
    Each of these starts a component, and as often as there is one too many, two are merged, with
    all samples of equal weight. Components that start as the first samples themselves stay as bad
    as these were chosen: a mean log density 2 lower, on days of real features.

    What is found depends on the order of the samples, twice over. A sample is assigned by those
    before it and never again, so of samples that come sorted, the first ones' components know
    nothing of the later. And with an exponent under 1 the last ones weigh the most, and those far
    back are forgotten. Of 1,000 windows of real features in random order, 800 make a mixture whose
    mean log density at the others is 1 lower than one of many passes; sorted by scene, 4 lower,
    and at an exponent of 0.7, 13.

    Args:
        n_components: Fewer while there are fewer samples.
        step_exponent: In (0.5, 1]. At 1 and without delay every sample has the same weight for
            good; with smaller ones, first assignments are forgotten sooner.
        step_delay: Makes the first steps smaller.
        n_merged: Samples from which components are made by merging.
        prior_samples: Samples' worth of the variance within all components together that each
            one's variance is mixed with, so that it doesn't collapse on its first few.
        variance_floor: Added to every variance.

    Attributes:
        statistics_: The state; its weights add to 1.
        heaviest_: Weight of the sample that has the most of all.
        n_samples_seen_: How many there were.
        weights_: (n_components,)
        means_: (n_components, n_features)
        covariances_: (n_components, n_features) variances.
    """

    def __init__(
        self,
        n_components: int = 16,
        *,
        step_exponent: float = 1.0,
        step_delay: float = 0.0,
        n_merged: int = 400,
        prior_samples: float = 5.0,
        variance_floor: float = 0.01,
    ) -> None:
        self.n_components = n_components
        self.step_exponent = step_exponent
        self.step_delay = step_delay
        self.n_merged = n_merged
        self.prior_samples = prior_samples
        self.variance_floor = variance_floor

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: N803
        """Start anew with samples (n_samples, n_features), in their order."""
        return self._follow(X, anew=True)

    def partial_fit(self, X: Any, y: object = None) -> Self:  # noqa: N803
        """Go on with samples (n_samples, n_features), in their order."""
        return self._follow(X, anew=not hasattr(self, "statistics_"))

    def score_samples(self, X: Any) -> FloatArray:  # noqa: N803
        """(n_samples,) logarithm of the density at samples (n_samples, n_features)."""
        check_is_fitted(self)
        x = validate_data(self, X, reset=False, dtype=np.float64, order="C")
        return log_sum_exp(self._log_densities(x))

    def score(self, X: Any, y: object = None) -> float:  # noqa: N803
        """Mean logarithm of the density at samples (n_samples, n_features)."""
        return float(self.score_samples(X).mean())

    @property
    def weights_(self) -> FloatArray:
        weights: FloatArray = self.statistics_.weights / self.statistics_.weights.sum()
        return weights

    @property
    def means_(self) -> FloatArray:
        return self.statistics_.means

    @property
    def covariances_(self) -> FloatArray:
        scatters, weights = self.statistics_.scatters, self.statistics_.weights[:, None]
        prior = self.prior_samples / self.n_samples_seen_
        mixed = (scatters + prior * scatters.sum(axis=0)) / (weights + prior)
        covariances: FloatArray = mixed + self.variance_floor
        return covariances

    def of_at_most(self, n_components: int) -> Self:
        """The same with so many components at most, the most alike of them merged."""
        smaller = copy(self)
        while len(smaller.statistics_) > n_components:
            smaller.statistics_ = smaller.statistics_.merged()
        return smaller

    def _follow(self, samples: Any, *, anew: bool) -> Self:
        if self.n_components < 1 or self.n_merged < 0:
            raise ValueError("n_components must be at least 1, and n_merged not negative")
        if not 0.5 < self.step_exponent <= 1 or self.step_delay < 0:
            raise ValueError("step_exponent must be in (0.5, 1], and step_delay not negative")
        if self.prior_samples < 0 or self.variance_floor <= 0:
            raise ValueError("prior_samples must not be negative, variance_floor positive")
        x = validate_data(self, samples, reset=anew, dtype=np.float64, order="C")
        if anew:
            self.statistics_ = RunningGaussians.empty(0, x.shape[1])
            self.n_samples_seen_, self.heaviest_ = 0, 0.0
        for sample in x:
            self._add(sample)
        return self

    def _add(self, x: FloatArray) -> None:
        before, t = self.statistics_, self.n_samples_seen_ + 1
        starts = len(before) < self.n_components or t <= self.n_merged
        step = 1 / t if starts else self._step(t)
        if starts:
            after = before.times(1 - step).started(x, step)
            if len(after) > self.n_components:
                after = after.merged()
        else:
            after = before.times(1 - step).added(x, step * self._responsibilities(x))
        self.statistics_, self.n_samples_seen_ = after, t
        self.heaviest_ = max(self.heaviest_ * (1 - step), step)

    def _step(self, t: int) -> float:
        if self.step_exponent == 1:
            return 1 / (t + self.step_delay)
        # A power is another number on another machine.
        return float(exp(-self.step_exponent * log(np.array([t + self.step_delay])))[0])

    def _responsibilities(self, x: FloatArray) -> FloatArray:
        densities = self._log_densities(x[None])[0]
        shares = exp(densities - densities.max())
        responsibilities: FloatArray = shares / shares.sum()
        return responsibilities

    def _log_densities(self, x: FloatArray) -> FloatArray:
        """(n_samples, n_components) logarithm of the weighted density of each component."""
        variances = self.covariances_
        distances = ((x[:, None, :] - self.means_) ** 2 / variances).sum(axis=2)
        volumes = log(2 * np.pi * variances).sum(axis=1)
        # A weight of long ago may be too small for a number; its logarithm is finite all the same.
        logs = log(np.maximum(self.weights_, _TINY))
        densities: FloatArray = logs - (distances + volumes) / 2
        return densities
