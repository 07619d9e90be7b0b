"""Summaries of several users, or of several nights, in one."""

from collections.abc import Sequence
from functools import singledispatch

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError

_SMALLEST_WEIGHT = 1e-4


def pooled(contents: Sequence[Content], shares: Sequence[float]) -> Content:
    """All that several summaries of the same kind say, each with its share.

    Args:
        shares: (n_contents,) positive, in any unit.

    Returns:
        Of mixtures, a mixture of all components but those that have become tiny. Features have no
        weights: all of them, whatever the shares, one content's after the other's.
    """
    weights = np.asarray(shares, np.float64)
    return contents[0] if len(contents) == 1 else _pooled(contents[0], contents, weights)


@singledispatch
def _pooled(first: Content, contents: Sequence[Content], shares: FloatArray) -> Content:
    raise SettingsError(f"{first.kind} can't be pooled; use another aggregator, and no memory")


@_pooled.register
def _mixtures(first: Mixture, contents: Sequence[Mixture], shares: FloatArray) -> Mixture:
    mixture, _ = _joined(contents, shares)
    return mixture


@_pooled.register
def _scene_mixtures(
    first: SceneMixture, contents: Sequence[SceneMixture], shares: FloatArray
) -> SceneMixture:
    mixture, large = _joined([content.mixture for content in contents], shares)
    return SceneMixture(mixture, np.concatenate([content.scene for content in contents])[large])


@_pooled.register
def _features(first: Features, contents: Sequence[Features], shares: FloatArray) -> Features:
    return Features(np.concatenate([content.x for content in contents]))


@_pooled.register
def _nothings(first: Nothing, contents: Sequence[Nothing], shares: FloatArray) -> Nothing:
    return first


def _joined(
    mixtures: Sequence[Mixture], shares: FloatArray
) -> tuple[Mixture, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """One mixture of all components that count, and which those are."""
    weights = np.concatenate(
        [
            share * mixture.weights.astype(np.float64)
            for share, mixture in zip(shares, mixtures, strict=True)
        ]
    )
    weights /= weights.sum()
    large = weights >= min(_SMALLEST_WEIGHT / len(mixtures), weights.max())
    covariances = np.concatenate([mixture.component_covariances for mixture in mixtures])[large]
    return (
        Mixture(
            (weights[large] / weights[large].sum()).astype(np.float32),
            np.concatenate([mixture.means for mixture in mixtures])[large],
            covariances,
        ),
        large,
    )
