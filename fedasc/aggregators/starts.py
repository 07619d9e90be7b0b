"""What expectation maximisation starts with: shares of windows in components to come."""

from typing import Literal

import numpy as np

from fedasc.aggregators.clusters import apart, clustered
from fedasc.arithmetic.functions import in_order
from fedasc.audio import FloatArray

Start = Literal["k-means", "k-means++", "random", "data"]


def first_shares(
    start: Start, x: FloatArray, n_components: int, *, rng: np.random.RandomState
) -> FloatArray:
    """(n_windows, n_components) shares, with the draws of scikit-learn.

    Args:
        start: Windows belong to clusters; or a component has a single one, any of those that lie
            far apart (k-means++) or of all (data), and others belong nowhere; or the shares are
            random.
        x: (n_windows, n_features)
        n_components: n_windows at most.
        rng: Of the draws.
    """
    n = len(x)
    if start == "random":
        drawn = rng.uniform(size=(n, n_components))
        return drawn / in_order(drawn)[:, None]
    shares = np.zeros((n, n_components))
    if start == "k-means":
        shares[np.arange(n), clustered(x, n_components, rng=rng)] = 1
        return shares
    if start == "k-means++":
        windows = apart(x, n_components, rng=rng)
    else:
        windows = rng.choice(n, size=n_components, replace=False)
    shares[windows, np.arange(n_components)] = 1
    return shares
