"""Which components leave the device, by what stands behind them."""

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Components
from fedasc.aggregators.draft import ALMOST, Draft
from fedasc.errors import SettingsError


def leaving(
    draft: Draft[Components],
    n_windows: int,
    *,
    min_windows: int,
    min_weight: float,
    min_stretches: int,
    name: str,
) -> NDArray[np.bool_]:
    """(n_components,) which of them leave: those of enough windows, weight and stretches of time.

    Args:
        draft: What was made.
        n_windows: How many windows were heard.
        min_windows, min_weight, min_stretches: See `fedasc.release.release`.
        name: Of the aggregator, for messages.

    Raises:
        SettingsError: If none does, or the aggregator doesn't tell what is asked of it.
    """
    n_behind = draft.n_effective
    if n_behind.sum() * ALMOST > n_windows:
        raise SettingsError(
            f"aggregator {name!r}: its components can't stand for {n_behind.sum():.6g} windows "
            f"together where {n_windows} were heard; n_effective of a draft is each one's "
            "weight divided by that of the heaviest window"
        )
    least = min(min_windows, n_windows)
    leaves = n_behind >= least * ALMOST
    if not leaves.any():
        raise SettingsError(
            f"aggregator {name!r}: none of {len(n_behind)} component(s) stands for {least} "
            f"windows (the most is {n_behind.max():.3g}), so nothing may leave the device; let "
            "it make fewer components or weigh windows more evenly, have users hear more "
            "(n_heard in [listening]), or lower min_windows in [release]"
        )
    leaves &= n_behind >= min(min_weight * n_behind.sum(), n_behind.max()) * ALMOST
    if min_stretches > 1:
        leaves &= _of_stretches(draft, n_windows, least=min_stretches, name=name)
    if not leaves.any():
        raise SettingsError(
            f"aggregator {name!r}: none of {len(n_behind)} component(s) has enough windows, weight "
            "and stretches of the day, so nothing may leave the device; let it make fewer "
            "components, or lower min_stretches in [release]"
        )
    return leaves


def _of_stretches(
    draft: Draft[Components], n_windows: int, *, least: int, name: str
) -> NDArray[np.bool_]:
    """(n_components,) which are of enough stretches; what is of the whole day tells of no part."""
    if (draft.n_effective >= n_windows * ALMOST).all():
        return np.ones(len(draft.n_effective), np.bool_)
    if draft.n_stretches is None:
        raise SettingsError(
            f"aggregator {name!r} doesn't tell from how many stretches of the day its components "
            "are; set min_stretches in [release] to 1, or take one that does, such as 'gmm'"
        )
    enough: NDArray[np.bool_] = draft.n_stretches >= least
    return enough
