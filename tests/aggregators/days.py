"""Days to summarise."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.public import Public
from fedasc.models.embedded import EmbeddedClassifier, initial
from tests.aggregators.test_mixture import random_mixture

Day = NDArray[np.float32]

PUBLIC = Public(random_mixture(12), np.eye(45, dtype=np.float32))


def heard(n_windows: int, *, seed: int = 0, n_sounds: int = 12) -> Day:
    """(n_windows, 45) in random order, of some sounds that differ."""
    mixture = random_mixture(n_sounds, seed=seed)
    return mixture.sample(n_windows, rng=np.random.default_rng(seed))


def stream(x: Day) -> Iterator[Day]:
    """Windows that pass once."""
    yield from x.copy()


def classifier(*, seed: int = 0, sharpness: float = 1.0) -> EmbeddedClassifier:
    """One that hears all scenes in such days.

    Args:
        sharpness: Factor of its scores, to make it certain.
    """
    arrays = initial(np.random.default_rng(seed)).arrays()
    arrays |= {"mean": np.full(45, -20, np.float32), "variance": np.full(45, 80, np.float32)}
    arrays["output_weights"] = arrays["output_weights"] * np.float32(sharpness)
    return EmbeddedClassifier(**arrays, inputs="sequence")
