import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.pooled_sums import PooledSumsAggregator
from fedasc.aggregators.public import Public
from fedasc.aggregators.public_sums import PublicSums
from fedasc.aggregators.shrinkage import Shrinkage
from fedasc.aggregators.sum_share import PooledSums, SumShare, _nearest
from fedasc.errors import MessageError
from tests.aggregators.days import PUBLIC as FINER
from tests.aggregators.days import classifier, heard, stream

N = 6
DAYS = [heard(n, seed=n % 3) for n in (60, 200, 131, 77)]
PUBLIC = FINER.coarser(N)
NEAR = PUBLIC.mixture


def shares(**settings: Any) -> list[SumShare]:
    usual = {"n_components": N, "n_axes": 2, "n_pooled": 4, "clip": 50.0}
    aggregator = PooledSumsAggregator(**(usual | settings))
    return [
        aggregator.summarise(stream(x), classifier=classifier(), public=PUBLIC, seed=seed)
        for seed, x in enumerate(DAYS)
    ]


def test_a_sum_is_the_same_in_whatever_order_and_wraps_as_integers_do() -> None:
    some = shares()
    one, other = PooledSums.of(some), PooledSums.of(some[::-1])
    assert one.n_devices == 4
    np.testing.assert_array_equal(one.sums, other.sums)
    np.testing.assert_array_equal(one.sums, sum(share.sums for share in some))
    masks = np.random.default_rng(0).integers(-(2**63), 2**63, (4, N, 3), dtype=np.int64)
    masks[3] = -masks[:3].sum(axis=0)
    masked = [
        replace(share, sums=share.sums + mask) for share, mask in zip(some, masks, strict=True)
    ]
    np.testing.assert_array_equal(PooledSums.of(masked).sums, one.sums)


def test_without_noise_the_mixture_has_the_mean_weights_and_means_of_the_devices() -> None:
    """Every device counts the same, however many windows it heard."""
    made = PooledSums.of(shares(epsilon=math.inf)).mixture(PUBLIC)
    components = [NEAR.component_of(x) for x in DAYS]
    weights = np.mean([np.bincount(c, minlength=N) / len(c) for c in components], axis=0)
    stays = weights > 1e-4
    np.testing.assert_allclose(made.weights, weights[stays], rtol=1e-4)
    for mean, number in zip(made.means, np.flatnonzero(stays), strict=True):
        at = [(c == number)[:, None] / len(c) for c in components]
        inside = sum((x * some).sum(axis=0) for x, some in zip(DAYS, at, strict=True))
        expected = NEAR.means[number].copy()
        expected[:2] = (inside / len(DAYS) / weights[number])[:2]  # the first two axes of the tests
        np.testing.assert_allclose(mean, expected, atol=1e-2)


def test_finer_public_components_keep_their_places_and_shares_beside_each_other() -> None:
    merged = PooledSums.of(shares(epsilon=math.inf)).mixture(PUBLIC)
    made, before = PooledSums.of(shares(epsilon=math.inf)).mixture(FINER), FINER.mixture
    assert merged.n_components < made.n_components
    kept = [
        int(np.flatnonzero((before.covariances == one).all(axis=1))[0]) for one in made.covariances
    ]
    parent = _nearest(before, NEAR)
    for number in np.unique(parent[kept]):
        some = parent[kept] == number
        ratio = made.weights[some] / before.weights[kept][some]
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-4)
        moved = (made.means - before.means[kept])[some]
        at = (NEAR.covariances[number] == merged.covariances).all(axis=1)
        expected = (merged.means[at] - NEAR.means[number])[0]
        np.testing.assert_allclose(moved, np.tile(expected, (some.sum(), 1)), atol=1e-4)
        whole = before.weights[parent == number].sum() / NEAR.weights[number]
        share = made.weights[some].sum()
        assert share == pytest.approx(float(merged.weights[at][0] * whole), rel=0.05)


def test_components_belong_to_the_merged_one_that_their_samples_are_of(
    rng: np.random.Generator,
) -> None:
    """A wide one to a wide one, though its mean is that of a narrow one."""
    means = np.zeros((3, 45), np.float32)
    means[:2] = [[-1], [1]]
    variances = np.repeat(np.array([[1], [1], [30]], np.float32), 45, axis=1)
    mixture = Mixture(np.array([0.2, 0.2, 0.6], np.float32), means, variances)
    merged = Public(mixture, np.eye(45, dtype=np.float32)).coarser(2).mixture
    assert _nearest(mixture, merged).tolist() == [0, 0, 1]
    of = [
        np.bincount(NEAR.component_of(FINER.mixture.of_components(one).sample(400, rng=rng)))
        for one in np.eye(12, dtype=np.bool_)
    ]
    assert _nearest(FINER.mixture, NEAR).tolist() == [counts.argmax() for counts in of]


def test_if_nothing_is_left_of_the_public_mixture_it_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A liar could say that all was of a merged component to which none is nearest."""
    first = np.zeros((N, 3), np.int64)
    first[0, 0] = 2**60
    liar = replace(shares()[0], sums=first)
    monkeypatch.setattr("fedasc.aggregators.sum_share._nearest", lambda *_: np.ones(12, int))
    assert PooledSums.of([liar, *shares()[1:]]).mixture(FINER) is FINER.mixture


def test_with_noise_it_lies_between_that_and_the_public_mixture() -> None:
    far = [
        float(
            np.abs(
                PooledSums.of(shares(epsilon=epsilon)).mixture(PUBLIC).weights - NEAR.weights
            ).max()
        )
        for epsilon in (1.0, 1e5)
    ]
    assert far[0] < 0.03 < far[1]


def test_the_noise_of_all_who_came_is_reckoned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the mean it is less, the more come."""
    said: list[float] = []
    told = Shrinkage.told

    def listened(*args: Any, std: float, **others: Any) -> Any:
        said.append(std)
        return told(*args, std=std, **others)

    monkeypatch.setattr(Shrinkage, "told", listened)
    for n_times in (1, 4):
        PooledSums.of(shares() * n_times).mixture(PUBLIC)
    expected = PooledSumsAggregator(n_components=N, n_axes=2, n_pooled=4).std / 4
    assert said == pytest.approx([expected, expected / 2], rel=1e-6)


@pytest.mark.parametrize("n_axes", [0, 2])
def test_with_fewer_devices_than_the_noise_was_made_for_the_public_mixture_stays(
    n_axes: int,
) -> None:
    some = shares(n_axes=n_axes, epsilon=8.0)
    few, enough = PooledSums.of(some[:3]), PooledSums.of(some)
    assert few.mixture(FINER) is FINER.mixture
    assert enough.mixture(PUBLIC).weights.tolist() != NEAR.weights.tolist()


def test_no_share_moves_a_mean_beyond_the_clip() -> None:
    some = shares(clip=0.5, epsilon=8.0)
    liar = replace(some[0], sums=np.full((N, 3), 2**60, np.int64))
    made = PooledSums.of([liar, *some[1:]]).mixture(PUBLIC)
    near = [np.abs(NEAR.covariances - one).sum(axis=1).argmin() for one in made.covariances]
    far = (made.means - NEAR.means[near]) / np.sqrt(NEAR.covariances[near])
    assert np.linalg.norm(far, axis=1).max() == pytest.approx(0.5, abs=1e-4)


def test_shares_of_different_sums_are_not_added() -> None:
    one = shares()[0]
    for other in (
        replace(one, terms=one.terms + 1),
        replace(one, sums=one.sums[:-1]),
    ):
        with pytest.raises(MessageError, match="shares of different sums"):
            PooledSums.of([one, other])


@pytest.mark.parametrize(
    "wrong",
    [
        {"sums": np.zeros((N, 3))},
        {"sums": np.zeros((N, 3), np.int32)},
        {"sums": np.zeros(N, np.int64)},
        {"sums": np.zeros((0, 3), np.int64)},
        {"terms": np.ones(4, np.int64)},
        {"terms": np.array([0, 1, 1])},
        {"terms": np.array([1, -1, 1])},
        {"terms": np.array([1, 1, 0])},
        {"terms": np.ones(3)},
    ],
)
def test_what_is_no_share_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MessageError, match="share: expected"):
        replace(shares()[0], **wrong)


def test_sums_are_those_of_the_public_components() -> None:
    """The same as of one device that had heard everybody's days, if they are equally long."""
    x = heard(300)
    aggregator = PooledSumsAggregator(epsilon=math.inf, n_components=N, n_axes=2)
    parts = [
        aggregator.summarise(stream(part), classifier=classifier(), public=PUBLIC, seed=0)
        for part in np.split(x, 3)
    ]
    whole = PublicSums(n_axes=2, clip=5.0).of(x, PUBLIC.coarser(N))
    np.testing.assert_allclose(PooledSums.of(parts).sums * 2.0**-24 / 3, whole / 300, atol=1e-6)
