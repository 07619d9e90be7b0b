"""Linkage: who of many users sent this, told by what each sent on another night.

Releases are compared by the maximum mean discrepancy under a Gaussian kernel (Gretton et al. 2012),
which is the expected squared difference of their characteristic functions at random frequencies
(Rahimi and Recht 2007); of a mixture these have a closed form. Number 3 of the games.
"""

from collections.abc import Sequence
from functools import singledispatch
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.weights import Weights
from fedasc.arithmetic.functions import cos_sin, exp
from fedasc.arithmetic.product import panels, product
from fedasc.arithmetic.squares import squared_distances
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.evaluation.distances import mean_within
from fedasc.seeds import Purpose, Streams
from fedasc.server import Server

GAME = 3

N_FREQUENCIES = 1024

NARROWER = 2.0
"""How many times narrower the kernel is than samples of the server lie apart on average: by which,
of 0.5, 1, 2, 4 and 8, most of 50 users were named of each profile set (split 101, nested)."""

_N_SAMPLES = 1000
"""Of the server's, from which that is reckoned."""


def link_features(contents: Sequence[Content], *, server: Server) -> FloatArray:
    """What releases are known by: near where releases are alike.

    Of mixtures and of features it is the characteristic function, real parts before imaginary ones,
    so that squared distances are squared discrepancies. Of a classifier's weights it is the numbers
    themselves, less those that devices are shipped with, in units of these. Of nothing, zeros.

    A release is known by the same whatever comes with it, so users may be done in chunks. Whoever
    attacks draws the frequencies once, hence they are the same in every world but for their scale.

    Args:
        contents: One for each user, all of one kind.

    Returns:
        (n_users, 2 · n_frequencies); of weights (n_users, n_numbers).

    Raises:
        SettingsError: If no attack knows such releases.
    """
    frequencies = _frequencies(server)
    return np.stack([_link_features(content, frequencies, server) for content in contents])


def linked(first: FloatArray, second: FloatArray, sizes: Sequence[int]) -> dict[int, float]:
    """How many of the users are named by their second release, to whoever knows all first ones.

    The nearest first release names a user; where several are as near, one of them does by chance.

    Args:
        first, second: (n_users, n_features) from `link_features`; row i of both is the same user's.
        sizes: Among how many users.

    Returns:
        By size, the share from 0 to 1. Where there are more users, it is the mean over groups of
        this size, users who follow each other; where there are fewer, NaN.
    """
    known = panels(first.T)
    distances = squared_distances(np.ascontiguousarray(second), known)[:, : len(first)]
    return {size: _share_named(distances, size) for size in sizes}


def _share_named(distances: FloatArray, size: int) -> float:
    """Of users (rows) whose release lies so far from those of users (columns)."""
    shares = []
    for start in range(0, len(distances) - size + 1, size):
        block = distances[start : start + size, start : start + size]
        nearest = block.min(axis=1)
        n_nearest = (block == nearest[:, None]).sum(axis=1)
        shares.append(((block.diagonal() == nearest) / n_nearest).mean())
    return float(np.mean(shares)) if shares else nan


def _frequencies(server: Server) -> FloatArray:
    """(n_frequencies, n_features) of a Gaussian kernel on standardised sequences."""
    x = server.comprehensive_set.training.x
    some = server.standardised(x[:: -(-len(x) // _N_SAMPLES)])
    rng = Streams(0).generator(Purpose.PRIVACY, GAME)
    normal = rng.standard_normal((N_FREQUENCIES, x.shape[1]))
    return normal * (NARROWER / mean_within(some))


@singledispatch
def _link_features(content: Content, frequencies: FloatArray, server: Server) -> FloatArray:
    raise SettingsError(
        f"no attack links {content.kind}; register fedasc.privacy.linkage:link_features_of for them"
    )


link_features_of = _link_features.register
"""Makes linkage know another kind of content: a decorator of (content, frequencies, server)."""


@link_features_of
def _of_mixture(content: Mixture, frequencies: FloatArray, server: Server) -> FloatArray:
    _, deviation = server.scale
    spread = frequencies / deviation
    covariances = content.covariances.astype(np.float64)
    if content.is_full:
        quadratic = np.stack(
            [(product(spread, matrix) * spread).sum(axis=1) for matrix in covariances], axis=1
        )
    else:
        quadratic = product(spread**2, covariances.T)
    shrunk = content.weights * exp(-quadratic / 2)
    return _parts(content.means, shrunk, frequencies, server)


@link_features_of
def _of_scene_mixture(content: SceneMixture, frequencies: FloatArray, server: Server) -> FloatArray:
    return _of_mixture(content.mixture, frequencies, server)


@link_features_of
def _of_features(content: Features, frequencies: FloatArray, server: Server) -> FloatArray:
    each = np.full((1, len(content.x)), 1 / len(content.x))
    return _parts(content.x, each, frequencies, server)


@link_features_of
def _of_weights(content: Weights, frequencies: FloatArray, server: Server) -> FloatArray:
    shipped = server.baseline.arrays()
    changes = []
    for name, array in content.arrays().items():
        before = shipped[name].astype(np.float64)
        unit = np.sqrt(np.mean(before**2))
        changes.append(np.ravel(array - before) / (unit or 1.0))
    return np.concatenate(changes)


@link_features_of
def _of_nothing(content: Nothing, frequencies: FloatArray, server: Server) -> FloatArray:
    return np.zeros(2 * N_FREQUENCIES)


def _parts(
    points: NDArray[np.float32], weights: FloatArray, frequencies: FloatArray, server: Server
) -> FloatArray:
    """(2 · n_frequencies,) weighted sums of exp(iω·x) over points (n_points, n_features).

    Args:
        weights: (n_frequencies or 1, n_points) of each point at each frequency.
    """
    angles = product(frequencies, np.ascontiguousarray(server.standardised(points).T))
    parts: list[FloatArray] = [(weights * part).sum(axis=1) for part in cos_sin(angles)]
    return np.concatenate(parts) / sqrt(N_FREQUENCIES)
