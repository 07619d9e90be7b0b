"""Summaries of several users, or of several nights, in one."""

import logging
from collections.abc import Sequence
from functools import singledispatch

import numpy as np

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.public import Public
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.sum_share import PooledSums, SumShare
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError

logger = logging.getLogger(__name__)

_SMALLEST_WEIGHT = 1e-4


def pooled(contents: Sequence[Content], shares: Sequence[float]) -> Content:
    """All that several summaries of the same kind say, each with its share.

    Args:
        shares: (n_contents,) positive, in any unit.

    Returns:
        Of mixtures, a mixture of all components but those that have become tiny. Features have no
        weights: all of them, whatever the shares, one content's after the other's. Shares of a
        pooled sum count alike, and only their sum is read, of a single one too.
    """
    weights = np.asarray(shares, np.float64)
    is_read = not isinstance(contents[0], SumShare)
    return (
        contents[0] if len(contents) == 1 and is_read else _pooled(contents[0], contents, weights)
    )


def opened(content: Content, public: Public) -> Content:
    """What can be sampled: of pooled sums the mixture that they tell of, else the content itself.

    Args:
        public: What devices were given.
    """
    if not isinstance(content, PooledSums):
        return content
    if not content.is_readable:
        logger.warning(
            "%d device(s) took part, fewer than n_pooled = %d: the public mixture stands in place "
            "of their sum",
            content.n_devices,
            content.terms[0],
        )
    return content.mixture(public)


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
def _sum_shares(first: SumShare, contents: Sequence[SumShare], shares: FloatArray) -> PooledSums:
    return PooledSums.of(contents)


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
