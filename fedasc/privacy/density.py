"""How well a release speaks for a window: what every attack on membership starts from."""

from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.sum_share import PooledSums
from fedasc.aggregators.weights import Weights
from fedasc.arithmetic.functions import log, softmax
from fedasc.arithmetic.product import panels
from fedasc.arithmetic.squares import squared_distances
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.server import Server


def log_density(content: Content, x: NDArray[np.float32], *, server: Server) -> FloatArray:
    """How well a release speaks for windows, the larger the better, in units of a log likelihood.

    Of mixtures, and of what pooled sums tell of, it is the natural logarithm of the density. Of
    features, the squared distance to the nearest of them in standard deviations of the server's
    data, halved and negative, as under a kernel that narrow. Of a classifier's weights, the
    logarithm of the largest probability, as attacks on classifiers have it (Salem et al. 2019). Of
    nothing, 0.

    Args:
        x: (n_samples, 45) in dB.

    Returns:
        (n_samples,)

    Raises:
        SettingsError: If no attack knows that kind of content.
    """
    return _log_density(content, x, server)


@singledispatch
def _log_density(content: Content, x: NDArray[np.float32], server: Server) -> FloatArray:
    raise SettingsError(
        f"no attack knows {content.kind}; register fedasc.privacy.density:log_density_of for them"
    )


log_density_of = _log_density.register
"""Makes attacks know another kind of content: a decorator of (content, x, server)."""


def is_known(kind: type[Content]) -> bool:
    """Whether attacks know a kind of content."""
    return _log_density.dispatch(kind) is not _log_density.dispatch(Content)


@log_density_of
def _of_mixture(content: Mixture, x: NDArray[np.float32], server: Server) -> FloatArray:
    return content.log_density(x)


@log_density_of
def _of_scene_mixture(content: SceneMixture, x: NDArray[np.float32], server: Server) -> FloatArray:
    return content.mixture.log_density(x)


@log_density_of
def _of_pooled_sums(content: PooledSums, x: NDArray[np.float32], server: Server) -> FloatArray:
    return content.mixture(server.public).log_density(x)


@log_density_of
def _of_features(content: Features, x: NDArray[np.float32], server: Server) -> FloatArray:
    sent, sought = server.standardised(content.x), server.standardised(x)
    squares = squared_distances(sought, panels(np.ascontiguousarray(sent.T)))[:, : len(sent)]
    nearest: FloatArray = -squares.min(axis=1) / 2
    return nearest


@log_density_of
def _of_weights(content: Weights, x: NDArray[np.float32], server: Server) -> FloatArray:
    classifier = EmbeddedClassifier(**content.arrays(), inputs=server.baseline.inputs)
    return log(softmax(classifier.logits(x)).max(axis=1))


@log_density_of
def _of_nothing(content: Nothing, x: NDArray[np.float32], server: Server) -> FloatArray:
    return np.zeros(len(x))
