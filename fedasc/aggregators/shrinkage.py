"""A mixture of noisy sums: nearer to what the sums say, or to what was public, by the noise.

Nothing here sees a window, so it tells no more than the sums do, whatever it makes of them
(post-processing: Dwork and Roth 2014, proposition 2.1).
"""

from dataclasses import dataclass

import numpy as np

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import PublicSums
from fedasc.audio import FloatArray


@dataclass(frozen=True, kw_only=True)
class Shrinkage:
    """What is known before a day of how users differ from what was public.

    Args:
        concentration: Of the Dirichlet distribution that users' shares of the components are taken
            to have about the public weights; the larger, the more alike they are.
        spread: Standard deviation of users' means about the public ones along an axis, in standard
            deviations of a component.
        relevance: Windows that the public mean of a component counts for (Reynolds, Quatieri and
            Dunn 2000, equations 11 to 13).
    """

    concentration: float
    spread: float
    relevance: float

    def told(
        self,
        sums: FloatArray,
        n_windows: float,
        public: Public,
        *,
        scaled: PublicSums,
        std: float,
    ) -> tuple[FloatArray, FloatArray]:
        """Windows of each component and its mean, from what windows noisily add up to.

        Args:
            sums: (n_components, 1 + n_axes)
            n_windows: Which is public.
            scaled: How they were added up.
            std: Standard deviation of the noise.

        Returns:
            (n_components,) counts and (n_components, n_features) means.
        """
        of_count, of_sum = scaled.scales
        counts = self.counts(sums[:, 0] / of_count, n_windows, public, std=std / of_count)
        if not of_sum:
            return counts, public.mixture.means.astype(np.float64)
        in_deviations = scaled.clip / of_sum
        shifts = self.shifts(in_deviations * sums[:, 1:], counts, std=in_deviations * std)
        # No mean of clipped deviations is longer than the clip.
        lengths = np.sqrt((shifts**2).sum(axis=1)) / scaled.clip
        return counts, moved(public.mixture, shifts / np.maximum(lengths, 1)[:, None], public)

    def counts(
        self, noisy: FloatArray, n_windows: float, public: Public, *, std: float
    ) -> FloatArray:
        """Windows of each component, from noisy counts.

        The best linear guess, the variance of a share w being w(1 − w) / (concentration + 1); of
        what comes out the nearest counts that none is negative of and that add to the windows.

        Args:
            noisy: (n_components,)
            n_windows: Which is public.
            std: Standard deviation of the noise.

        Returns:
            (n_components,) 0 or more, with sum n_windows.
        """
        shares = public.mixture.weights.astype(np.float64)
        expected = n_windows * shares
        variance = n_windows**2 * shares * (1 - shares) / (self.concentration + 1)
        trust = variance / (variance + std**2) if std else np.ones_like(shares)
        return on_simplex(expected + trust * (noisy - expected), n_windows)

    def shifts(self, noisy: FloatArray, counts: FloatArray, *, std: float) -> FloatArray:
        """How far means lie from the public ones along axes, from noisy sums of deviations.

        Of a sum s over n windows it is s·n / (n² + n·relevance + std² / spread²): the expectation
        of the user's mean where it is normal about the public one, windows about it are too, with
        the variance relevance · spread², and the noise is added.

        Args:
            noisy: (n_components, n_axes) in standard deviations.
            counts: (n_components,) windows, none negative.
            std: Standard deviation of the noise, in standard deviations.

        Returns:
            (n_components, n_axes)
        """
        n = counts[:, None]
        beside = n**2 + n * self.relevance + (std / self.spread) ** 2
        shifts: FloatArray = noisy * np.divide(n, beside, out=np.zeros_like(n), where=beside > 0)
        return shifts


def on_simplex(values: FloatArray, total: float) -> FloatArray:
    """The nearest numbers with this sum of which none is negative (Held, Wolfe and Crowder 1974).

    Args:
        values: (n,)
        total: More than 0.
    """
    falling = -np.sort(-values)
    excess = (np.cumsum(falling) - total) / np.arange(1, len(values) + 1)
    last = np.flatnonzero(falling > excess)[-1]
    nearest: FloatArray = np.maximum(values - excess[last], 0)
    return nearest


def moved(mixture: Mixture, shifts: FloatArray, public: Public) -> FloatArray:
    """(n_components, n_features) means of a diagonal mixture, shifted along axes.

    Args:
        shifts: (n_components, n_axes) in standard deviations of the components.
    """
    axes = public.axes[: shifts.shape[1]].astype(np.float64)
    along = (shifts[:, :, None] * axes).sum(axis=1)
    means: FloatArray = mixture.means + np.sqrt(mixture.covariances.astype(np.float64)) * along
    return means
