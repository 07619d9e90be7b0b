"""What an aggregator makes of components, with what tells whether they may leave the device."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Components
from fedasc.aggregators.covariances import rounded
from fedasc.aggregators.mixture import Mixture
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.values import lock_arrays

C_co = TypeVar("C_co", bound=Components, covariant=True)

ALMOST = 1 - 1e-9
"""Factor of the least weight where weights came about in many steps, each of which rounds."""


@dataclass(frozen=True, eq=False)
class Draft(Generic[C_co]):
    """Components, and how many windows stand behind each of them.

    The mean of a component that stands for a single window is that window. So an aggregator whose
    content has components returns a draft, and the release stage decides which of them leave.

    Args:
        content: What would be sent if all of them may leave.
        n_effective: (n_components,) effective number of windows behind each: its weight, divided by
            the weight of the single heaviest window of the day. Of windows that weigh the same it
            is their number; where some weigh more than others it is less. (Of the whole day it is
            the effective sample size 1 / max of the normalised weights: Martino, Elvira and Louzada
            2017.)
        n_stretches: (n_components,) from how many separate stretches of the day the windows of each
            are, see `fedasc.aggregators.stretches`; None if the aggregator can't tell.

    Raises:
        SettingsError: If there isn't one positive number for each component, and of stretches none
            that is negative.
    """

    content: C_co
    n_effective: FloatArray
    n_stretches: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        expected = (self.content.n_components,)
        if self.n_effective.shape != expected:
            raise SettingsError(
                f"draft: expected n_effective {expected}, the number of windows behind each "
                f"component, got {self.n_effective.shape}"
            )
        if not (np.isfinite(self.n_effective) & (self.n_effective > 0)).all():
            raise SettingsError("draft: n_effective must be finite and positive")
        stretches = self.n_stretches
        if stretches is not None and (stretches.shape != expected or (stretches < 0).any()):
            raise SettingsError(
                f"draft: expected n_stretches {expected}, none negative, got {stretches.shape}"
            )
        lock_arrays(self)


def enough(weights: FloatArray, least: float) -> NDArray[np.bool_]:
    """(n_components,) those that stand for as many windows as a fit wants.

    Args:
        weights: (n_components,) shares of the windows, with sum 1.
        least: Weight that is enough. Where no component has it, the heaviest stays nonetheless;
            of no more components than windows allow, that one stands for all there is.
    """
    stays: NDArray[np.bool_] = weights >= min(least, weights.max())
    return stays


def mixture_draft(
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    *,
    n_effective: FloatArray,
    n_stretches: NDArray[np.int64] | None = None,
    least: float = 0.0,
) -> Draft[Mixture]:
    """The mixture of the components that stand for enough, in the precision of the wire.

    Args:
        weights: (n_components,)
        means: (n_components, n_features)
        covariances: As a mixture has them, in float64.
        n_effective, n_stretches: (n_components,) see `Draft`.
        least: See `enough`.
    """
    stays = enough(weights, least)
    tied = covariances.ndim == 3 and len(covariances) < len(weights)
    kept = covariances if tied else covariances[stays]
    mixture = Mixture(
        (weights[stays] / weights[stays].sum()).astype(np.float32),
        means[stays].astype(np.float32),
        kept.astype(np.float32) if kept.ndim == 2 else rounded(kept),
    )
    counts = None if n_stretches is None else n_stretches[stays]
    return Draft(mixture, n_effective[stays], counts)
