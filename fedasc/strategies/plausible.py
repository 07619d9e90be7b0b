"""Plausibility: what of the devices' summaries is let into a pool that others learn from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.whitening import beside, distances, whitenings
from fedasc.arithmetic.product import product
from fedasc.audio import FloatArray
from fedasc.server import Server
from fedasc.strategies.drawing import mixture_of

_LEAST_SHARE = 0.5
"""Of a summary that must be plausible for any of it to be used."""


def plausible(
    contents: Mapping[int, Content], *, server: Server, tolerance: float
) -> dict[int, Content]:
    """Of each summary what lies where the server has heard something, too.

    A component lies as far away as its samples do on average from the nearest component of the
    server's own mixture, in squared standard deviations of that: |μ - m|² + the sum of variances
    (the expectation of a Mahalanobis distance). So the test depends on no other device, however
    many of them lie, and an unusual user isn't refused for being unlike the others.

    Args:
        contents: By device. Of a kind that is neither mixture nor features, all is taken.
        tolerance: How many times as far away as any of the server's own samples is near enough.

    Returns:
        By device; without those of whose summary less than half is near enough.
    """
    near = _Near.of(server, tolerance)
    kept = {device: near.part(content) for device, content in contents.items()}
    return {device: part for device, part in kept.items() if part is not None}


@dataclass(frozen=True, eq=False)
class _Near:
    """What is near enough.

    Args:
        means: (n_components, n_features) of the server's mixture.
        whitening: (n_components, n_features) see `fedasc.aggregators.whitening`.
        limit: Of a squared distance.
    """

    means: FloatArray
    whitening: FloatArray
    limit: float = np.inf

    @classmethod
    def of(cls, server: Server, tolerance: float) -> "_Near":
        known, samples = server.everything, server.comprehensive_set
        near = cls(known.means.astype(np.float64), whitenings(known.variances.astype(np.float64)))
        furthest = max(
            near.distances(some.x).max() for some in (samples.training, samples.validation)
        )
        return cls(near.means, near.whitening, tolerance * float(furthest))

    def distances(
        self, x: NDArray[np.float32], variances: NDArray[np.float32] | None = None
    ) -> FloatArray:
        """(n_places,) squared distance of each of x (n_places, n_features) from what is nearest.

        Args:
            variances: (n_places, n_features) of what lies there, if it is no point.
        """
        squares = distances(self.whitening, self.means, beside(x))[:, : len(x)]
        if variances is not None:
            squares += product(self.whitening**2, variances.T.astype(np.float64))
        nearest: FloatArray = squares.min(axis=0)
        return nearest

    def part(self, content: Content) -> Content | None:
        """What of a summary is near enough; None if it is less than half."""
        if isinstance(content, Features):
            is_near = self.distances(content.x) <= self.limit
            share = float(is_near.mean())
        elif isinstance(content, Mixture | SceneMixture):
            mixture = mixture_of(content)
            is_near = self.distances(mixture.means, mixture.variances) <= self.limit
            share = float(mixture.weights[is_near].sum())
        else:
            return content
        if is_near.all():
            return content
        if share < _LEAST_SHARE:
            return None
        if isinstance(content, Features):
            return Features(content.x[is_near])
        return content.of_components(is_near)
