"""Clusters against scikit-learn, whose draws and steps they share.

Rounding, which differs, decides which of two windows is taken that lie together and far from all
others: after either, as much is left. Of these days' windows no two do.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans, MiniBatchKMeans, kmeans_plusplus

from fedasc.aggregators.clusters import Centres, apart, clustered, moved
from fedasc.aggregators.samples import Samples
from fedasc.audio import FloatArray
from tests.aggregators.days import heard

every_size = pytest.mark.parametrize("n_clusters", [1, 2, 4, 16, 32])
seeds = pytest.mark.parametrize("seed", range(4))
scales = pytest.mark.parametrize("scale", [1.0, 1e20])  # squares that single precision can't hold


@seeds
@every_size
def test_windows_far_apart_are_those_of_scikit_learn(seed: int, n_clusters: int) -> None:
    x = heard(500, seed=seed).astype(np.float64)
    actual = apart(x, n_clusters, rng=np.random.RandomState(seed))
    expected = kmeans_plusplus(x, n_clusters, random_state=seed)[1]
    np.testing.assert_array_equal(actual, expected)


@seeds
@every_size
def test_clusters_are_those_of_scikit_learn(seed: int, n_clusters: int) -> None:
    x = heard(500, seed=seed).astype(np.float64)
    rng, theirs = np.random.RandomState(seed), np.random.RandomState(seed)
    expected = KMeans(n_clusters, n_init=1, random_state=theirs).fit(x).labels_
    np.testing.assert_array_equal(clustered(x, n_clusters, rng=rng), expected)
    assert rng.uniform() == theirs.uniform(), "what follows draws the same"


def close(n: int, *, seed: int, apart_db: float) -> FloatArray:
    """(n, 45) around five sounds, so near to these that single precision can't tell them."""
    rng = np.random.default_rng(seed)
    sounds = rng.uniform(-50, 50, size=(5, 45))
    return sounds[rng.integers(5, size=n)] + rng.normal(scale=apart_db, size=(n, 45))


def squares(x: FloatArray, y: FloatArray) -> FloatArray:
    differences: FloatArray = ((x[:, None] - y) ** 2).sum(axis=2)
    return differences


@seeds
@pytest.mark.parametrize("apart_db", [10.0, 1e-2, 1e-4])
@scales
def test_the_nearest_is_that_of_double_precision(scale: float, seed: int, apart_db: float) -> None:
    samples = Samples.of(scale * close(500, seed=seed, apart_db=apart_db))
    centres = np.concatenate([samples.rows[::25], samples.rows[:9]])  # some twice
    expected = squares(samples.rows, centres).argmin(axis=1)
    np.testing.assert_array_equal(samples.nearest(centres), expected)


@seeds
@pytest.mark.parametrize("apart_db", [10.0, 1e-2, 1e-4])
@scales
def test_windows_far_apart_are_those_of_double_precision(
    scale: float, seed: int, apart_db: float
) -> None:
    x, rng = scale * close(300, seed=seed, apart_db=apart_db), np.random.RandomState(seed)
    chosen = [int(rng.choice(300, p=np.full(300, 1 / 300)))]
    nearest = squares(x[chosen], x)[0]
    for _ in range(15):
        drawn = np.searchsorted(nearest.cumsum(), rng.uniform(size=4) * nearest.sum())
        reached = np.minimum(nearest, squares(x[drawn], x))
        best = reached.sum(axis=1).argmin()
        chosen.append(int(drawn[best]))
        nearest = reached[best]
    assert apart(x, 16, rng=np.random.RandomState(seed)).tolist() == chosen


def test_clusters_that_lost_all_samples_are_given_those_farthest_from_their_centres() -> None:
    x = np.array([[0.0], [1.0], [2.0], [9.0], [20.0], [27.0]])
    labels, before = np.array([0, 0, 0, 0, 3, 3]), np.array([[1.0], [50.0], [60.0], [22.0]])
    actual = moved(x, labels, before)
    assert actual.ravel().tolist() == [1.0, 9.0, 27.0, 20.0]
    labels = np.array([0, 0, 0, 0, 0, 0])
    alike = moved(np.ones((6, 1)), labels, np.array([[1.0], [50.0]]))
    assert alike.ravel().tolist() == [1.0, 1.0]


@given(seed=st.integers(0, 2**32 - 1), n_distinct=st.integers(1, 5))
def test_more_clusters_than_different_samples_stay_empty(seed: int, n_distinct: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_distinct, 3))[np.append(np.arange(n_distinct), np.zeros(9, int))]
    labels = clustered(x, n_distinct + 2, rng=np.random.RandomState(seed))
    assert len(np.unique(labels)) == n_distinct
    for label in np.unique(labels):
        assert len(np.unique(x[labels == label], axis=0)) == 1


@seeds
def test_centres_follow_batches_as_those_of_scikit_learn(seed: int) -> None:
    x = heard(700, seed=seed).astype(np.float64)
    batches = np.split(x, [160, 320, 480, 640])
    model = MiniBatchKMeans(24, reassignment_ratio=0, n_init=1, random_state=seed)
    centres = Centres.at(batches[0][apart(batches[0], 24, rng=np.random.RandomState(seed))])
    for batch in batches:
        labels = model.partial_fit(batch).predict(batch)
        centres = centres.followed(batch)
        np.testing.assert_array_equal(centres.nearest(batch), labels)
        np.testing.assert_allclose(centres.means, model.cluster_centers_, rtol=1e-12)


def test_a_centre_without_new_samples_stays() -> None:
    x = heard(100).astype(np.float64)
    before = Centres.at(x[:3]).followed(x[:50])
    after = before.followed(x[50:51])
    near = int(before.nearest(x[50:51])[0])
    stay = np.arange(3) != near
    assert after.means[stay].tobytes() == before.means[stay].tobytes()
    assert after.counts.tolist() == (before.counts + ~stay).tolist()
    assert after.counts.sum() == 51


def test_of_centres_as_near_the_first_is_taken() -> None:
    centres = Centres.at(np.array([[5.0], [1.0], [-1.0], [1.0]]))
    assert centres.nearest(np.array([[0.0], [1.0], [3.0]])).tolist() == [1, 1, 0]
