"""Drawing sequences from what a summary says."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture


class Drawing(Protocol):
    """Sequences of one user, one after the other."""

    @property
    def n_most(self) -> int | None:
        """How many there are; None if there is no end."""
        ...

    def __call__(self, n_samples: int) -> NDArray[np.float32]:
        """The next (n_samples, n_features), fewer if there are no more."""
        ...


def drawing(
    content: Content, deviations: NDArray[np.float32] | None, *, rng: np.random.Generator
) -> Drawing:
    """Draw from a mixture (see `Mixture.sample`), or take features in random order."""
    if isinstance(content, Features):
        return _Rows(content.x, rng)
    mixture = mixture_of(content)
    return Endless(partial(mixture.sample, rng=rng, deviations=deviations))


def mixture_of(content: Content) -> Mixture:
    """The mixture that a summary is or has."""
    mixture = content.mixture if isinstance(content, SceneMixture) else content
    if not isinstance(mixture, Mixture):
        raise TypeError(f"{content.kind} has no mixture")
    return mixture


class Endless:
    """Draws without end.

    Args:
        draw: The next so many, (n_samples, n_features).
    """

    n_most = None

    def __init__(self, draw: Callable[[int], NDArray[np.float32]]) -> None:
        self._draw = draw

    def __call__(self, n_samples: int) -> NDArray[np.float32]:
        return self._draw(n_samples)


class _Rows:
    def __init__(self, x: NDArray[np.float32], rng: np.random.Generator) -> None:
        self._waiting = x[rng.permutation(len(x))]
        self.n_most = len(x)

    def __call__(self, n_samples: int) -> NDArray[np.float32]:
        taken, self._waiting = self._waiting[:n_samples], self._waiting[n_samples:]
        return taken
