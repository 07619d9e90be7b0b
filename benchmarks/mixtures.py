"""The mixture: fedasc's aggregator, and scikit-learn as its users call it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from benchmarks.operations import mixture_flops
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
    flops = sum(mixture_flops(by_scikit_learn(aggregator, x), x) for x in days)
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
                flops=flops,
            ),
            Way(
                name="scikit-learn",
                amount=n,
                run=whole(lambda: [by_scikit_learn(aggregator, x).means_ for x in days]),
                flops=flops,
            ),
        ),
        agreement=Agreement(
            deviation=lambda ours, others: max(map(far_from_any, ours, others)),
            tolerance=_TOLERANCE_DB,
            measure="largest distance in dB of a component's mean from the nearest one's",
        ),
        per_device=1,
    )


def by_scikit_learn(aggregator: GmmAggregator, x: NDArray[np.float32]) -> GaussianMixture:
    """The mixture as a script would fit it; nothing is left out."""
    model = GaussianMixture(
        aggregator.n_components,
        covariance_type="diag",
        reg_covar=aggregator.variance_floor_db2,
        random_state=_SEED,
    )
    return model.fit(x.astype(np.float64))


def far_from_any(ours: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """How far one of our means is at most from the nearest of the others' means.

    Not the other way round: fedasc leaves out components that stand for few windows.
    """
    distances = np.abs(ours[:, None] - others[None]).max(axis=2)
    return float(distances.min(axis=1).max())
