"""What may be done to a mixture before it leaves the device, whatever kind it is in."""

import logging
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fedasc.aggregators.content import Components
from fedasc.aggregators.covariances import n_packed
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError

logger = logging.getLogger(__name__)


def with_variances_only(
    content: Components, n_behind: FloatArray, *, min_windows_per_number: float
) -> Components:
    """With variances in place of full covariances if these are made of too few windows.

    Args:
        content: Of any kind; only full covariances are ever replaced.
        n_behind: (n_components,) windows behind each component.
        min_windows_per_number: See `fedasc.release.release`.
    """

    def change(mixture: Mixture) -> Mixture:
        is_tied = len(mixture.covariances) < mixture.n_components
        fewest = n_behind.sum() if is_tied else n_behind.min()
        n_numbers = n_packed(mixture.means.shape[1])
        if not mixture.is_full or fewest >= min_windows_per_number * n_numbers:
            return mixture
        logger.warning(
            "a full covariance of %d numbers is made of %.3g windows, so variances leave in its "
            "place; make fewer components, have users hear more (n_heard in [listening]), or lower "
            "min_windows_per_number in [release]",
            *(n_numbers, fewest),
        )
        return replace(mixture, covariances=np.array(mixture.variances))

    return _changed(content, change)


def with_noise(content: Components, noise: float, *, rng: np.random.Generator) -> Components:
    """With means that are moved at random.

    Args:
        noise: Standard deviation, in those of each feature of the component.
        rng: Of the draws.

    Raises:
        SettingsError: If the content isn't known to hold a mixture.
    """

    def change(mixture: Mixture) -> Mixture:
        drawn = rng.standard_normal(mixture.means.shape)
        means = mixture.means + noise * np.sqrt(mixture.variances) * drawn
        return replace(mixture, means=means.astype(np.float32))

    if not isinstance(content, Mixture | SceneMixture):
        raise SettingsError(
            f"release: means of {content.kind} can't be moved, so noise in [release] must be 0"
        )
    return _changed(content, change)


def _changed(content: Components, change: Callable[[Mixture], Mixture]) -> Components:
    if isinstance(content, Mixture):
        return change(content)
    if isinstance(content, SceneMixture):
        return replace(content, mixture=change(content.mixture))
    return content
