"""Contents of summaries that are easy to tell apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture


def around(*places: float, weights: tuple[float, ...] = (), spread: float = 1.0) -> Mixture:
    """A mixture with one component around each of the places, which all features have."""
    n = len(places)
    means = np.repeat(np.array(places, np.float32)[:, None], 45, axis=1)
    shares = np.array(weights or (1 / n,) * n, np.float32)
    return Mixture(shares, means, np.full((n, 45), spread**2, np.float32))


def by_scene(mixture: Mixture, *scenes: int) -> SceneMixture:
    """The same with the scene of each component."""
    return SceneMixture(mixture, np.array(scenes, np.int8))


def rows(n: int, *, start: int = 0) -> Features:
    """Sequences of which each has its number for all features."""
    return Features(np.repeat(np.arange(start, start + n, dtype=np.float32)[:, None], 45, axis=1))


def numbers(x: NDArray[Any]) -> list[int]:
    """Those of such sequences."""
    return [int(number) for number in x[:, 0]]
