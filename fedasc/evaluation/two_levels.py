"""Means over users who live in several splits, with what both levels leave uncertain."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fedasc.audio import FloatArray

_N_DRAWS = 2000


class Estimate(NamedTuple):
    """A mean and its 95 % interval; NaN without values, and the ends with a single one."""

    mean: float
    low: float
    high: float


def mean_of(groups: Sequence[FloatArray]) -> Estimate:
    """The mean over all values, which come in groups, for example users by split.

    The interval is of a bootstrap that draws groups, and in each of them values (Davison and
    Hinkley 1997, section 3.8). Its draws are the same every time.

    Args:
        groups: Of each the values, some of which may be NaN and don't count.
    """
    some = [values[~np.isnan(values)] for values in groups]
    some = [values for values in some if len(values)]
    n_values = sum(map(len, some))
    if not n_values:
        return Estimate(float("nan"), float("nan"), float("nan"))
    mean = float(np.mean([values.mean() for values in some]))
    if n_values == 1:
        return Estimate(mean, float("nan"), float("nan"))
    rng, shape = np.random.default_rng(0), (_N_DRAWS, len(some))
    within = [
        values[rng.integers(len(values), size=(*shape, len(values)))].mean(axis=2)
        for values in some
    ]
    which = rng.integers(len(some), size=shape)
    means = np.take_along_axis(np.stack(within), which[None], axis=0)[0].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Estimate(mean, float(low), float(high))
