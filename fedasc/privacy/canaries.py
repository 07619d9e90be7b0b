"""Two days that a mechanism must not tell apart better than it claims, as far apart as they get."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.dp_mixture import DpMixtureAggregator
from fedasc.aggregators.public import Public
from fedasc.errors import SettingsError

_BEYOND = (3.0, 2.0, 1.5, 1.1)
"""How many times the clip canaries lie from their component: a canary within the clip would let
clipping that is missing pass."""


Day = NDArray[np.float32]
"""(n_windows, 45) in dB."""


def neighbours(
    aggregator: DpMixtureAggregator,
    public: Public,
    *,
    n_windows: int,
    min_windows: int,
    rng: np.random.Generator,
) -> tuple[Day, Day]:
    """Days that differ in one unit, as far as clipped sums can.

    Out of a far side of one component the windows of a unit are moved to a far side of another, so
    that two counts and two sums change as much as one window can. Beside them each of these
    components has one window less than may leave by: so a release stage that goes by true counts
    gives itself away.

    Args:
        aggregator: Whose unit, clip and components count.
        public: What it is given.
        n_windows: Of a day.
        min_windows: Of components that may leave.
        rng: Of the other windows.

    Returns:
        A day without the canary, and the same with the canary in the place of what is protected.

    Raises:
        SettingsError: If no window lies so far out.
    """
    sizes = {"window": 1, "place": aggregator.place_windows, "user-day": n_windows}
    n_moved = min(sizes[aggregator.unit], n_windows)
    public = published(aggregator, public, n_windows)
    far = _far_apart(aggregator, public)
    n_beside = min(min_windows - 1, (n_windows - n_moved) // 2)
    beside = np.repeat(public.mixture.means[[place.component for place in far]], n_beside, axis=0)
    n_others = n_windows - n_moved - len(beside)
    others = _elsewhere(public, [place.component for place in far], n_others, rng=rng)
    out, inside = (
        np.concatenate([np.tile(place.x, (n_moved, 1)), beside, others]) for place in far
    )
    return out, inside


def published(aggregator: DpMixtureAggregator, public: Public, n_windows: int) -> Public:
    """What of it is used for a day of so many windows."""
    return public.coarser(max(1, min(aggregator.n_components, n_windows // aggregator.min_windows)))


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a canary may lie.

    Args:
        component: That such a window belongs to.
        x: (45,) in dB.
    """

    component: int
    x: NDArray[np.float32]


def _far_apart(aggregator: DpMixtureAggregator, public: Public) -> list[_Place]:
    """Two places beyond the clip, of two components if there are two that reach so far."""
    mixture = public.mixture
    sides = [(axis, sign) for axis in range(aggregator.n_axes) for sign in (1, -1)] or [(0, 0)]
    for beyond in _BEYOND:
        places = []
        for axis, sign in sides:
            away = sign * beyond * aggregator.clip * public.axes[axis]
            x = (mixture.means + np.sqrt(mixture.covariances) * away).astype(np.float32)
            belongs = mixture.component_of(x) == np.arange(len(x))
            places += [_Place(int(k), x[k]) for k in np.flatnonzero(belongs)]
        for place in places:
            if place.component != places[0].component:
                return [places[0], place]
    raise SettingsError(
        f"no windows of two public components lie beyond a clip of {aggregator.clip:g}, so missing "
        "clipping wouldn't be seen; lower clip or n_components of dp-mixture"
    )


def _elsewhere(
    public: Public, components: list[int], n_windows: int, *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(n_windows, 45) of what is public, none of these components as far as there are others."""
    x = public.mixture.sample(20 * n_windows, rng=rng)
    is_near = np.isin(public.mixture.component_of(x), components)
    return x[np.argsort(is_near, kind="stable")[:n_windows]]
