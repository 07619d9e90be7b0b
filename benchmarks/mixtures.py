"""The mixture: fedasc's aggregator, and scikit-learn as its users call it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from benchmarks.sizes import Sizes
from benchmarks.stage import Agreement, Stage, Way, whole
from benchmarks.training import overlapping_scenes
from fedasc.aggregators.gmm import GmmAggregator

_TOLERANCE_DB = 1e-3
_SEED = 1


def stages(sizes: Sizes) -> Iterator[Stage]:
    """One day of each of some devices."""
    aggregator, n = GmmAggregator(), sizes.n_mixtures
    days = [overlapping_scenes(sizes.n_windows, seed=seed).x for seed in range(n)]
    yield Stage(
        name="mixture",
        work=(
            f"{aggregator.n_components} components fitted to {sizes.n_windows:,} windows, {n} times"
        ),
        unit="devices",
        ways=(
            Way(
                name="fedasc",
                amount=n,
                run=whole(lambda: [aggregator.fit(x, seed=_SEED).means for x in days]),
            ),
            Way(
                name="scikit-learn",
                amount=n,
                run=whole(lambda: [by_scikit_learn(aggregator, x) for x in days]),
            ),
        ),
        agreement=Agreement(
            deviation=lambda ours, others: max(map(far_from_any, ours, others)),
            tolerance=_TOLERANCE_DB,
            measure="largest distance in dB of a component's mean from the nearest one's",
        ),
        per_device=1,
    )


def by_scikit_learn(aggregator: GmmAggregator, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n_components, n_features) means as a script would fit them; nothing is left out."""
    model = GaussianMixture(
        aggregator.n_components,
        covariance_type="diag",
        reg_covar=aggregator.variance_floor_db2,
        random_state=_SEED,
    )
    means: NDArray[np.float64] = model.fit(x.astype(np.float64)).means_
    return means


def far_from_any(ours: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """How far one of our means is at most from the nearest of the others' means.

    Not the other way round: fedasc leaves out components that stand for few windows.
    """
    distances = np.abs(ours[:, None] - others[None]).max(axis=2)
    return float(distances.min(axis=1).max())
