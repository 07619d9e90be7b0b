from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.gmm import GmmAggregator
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.strategies.plausible import _Near, plausible
from tests.models.test_training import blobs
from tests.strategies.contents import around, by_scene
from tests.strategies.servers import COMPREHENSIVE_SET, EVERYTHING, SERVER

X = blobs(80, seed=9).x


def fitted(covariance: str, n_components: int = 3) -> Mixture:
    aggregator = GmmAggregator(n_components=n_components, covariance=covariance, min_windows=1)  # type: ignore[arg-type]
    return aggregator.fit(X, seed=0)


def kept(content: Content, *, tolerance: float = 2.0) -> Content | None:
    return plausible({3: content}, server=SERVER, tolerance=tolerance).get(3)


def test_a_component_lies_where_its_samples_do_on_average() -> None:
    mixture = around(-15.0, 40.0, spread=2.0)
    near = _Near.of(SERVER, 1.0)
    expected = []
    for component in (0, 1):
        one = mixture.of_components(np.arange(2) == component)
        x = one.sample(20_000, rng=np.random.default_rng(0)).astype(np.float64)
        squares = [
            cdist(x, mean[None], "seuclidean", V=variances).ravel() ** 2
            for mean, variances in zip(EVERYTHING.means, EVERYTHING.variances, strict=True)
        ]
        expected.append(min(one.mean() for one in squares))
    np.testing.assert_allclose(
        near.distances(mixture.means, mixture.variances), expected, rtol=0.01
    )


def test_near_is_where_the_servers_own_samples_lie() -> None:
    samples = (COMPREHENSIVE_SET.training, COMPREHENSIVE_SET.validation)
    near = _Near.of(SERVER, 1.0)
    furthest = [near.distances(some.x).max() for some in samples]
    assert near.limit == max(furthest)
    assert _Near.of(SERVER, 3.0).limit == 3 * max(furthest)


@pytest.mark.parametrize("covariance", ["diagonal", "full", "tied"])
def test_what_is_heard_where_the_server_has_heard_something_is_taken_as_it_is(
    covariance: str,
) -> None:
    mixture = fitted(covariance)
    assert kept(mixture) is mixture


@pytest.mark.parametrize("lies", [1e30, 200.0, -90.0])
def test_what_lies_far_away_is_left_out_and_of_a_liar_everything(lies: float) -> None:
    mostly = around(-20.0, lies, weights=(0.75, 0.25), spread=5.0)
    left = kept(mostly)
    assert isinstance(left, Mixture)
    assert left.means[:, 0].tolist() == [-20]
    assert left.weights.tolist() == [1]
    assert kept(around(-20.0, lies, weights=(0.25, 0.75), spread=5.0)) is None


def test_what_is_too_wide_lies_far_away() -> None:
    honest = fitted("diagonal")
    assert kept(replace(honest, covariances=honest.covariances * 400)) is None


def test_scenes_and_windows_are_left_out_likewise() -> None:
    scenes = kept(by_scene(around(-20.0, 300.0, weights=(0.6, 0.4), spread=5.0), 2, 1))
    assert scenes is not None
    assert scenes.arrays()["scene"].tolist() == [2]
    features = kept(Features(np.concatenate([X[:30], X[30:50] + 500]).astype(np.float32)))
    assert isinstance(features, Features)
    np.testing.assert_array_equal(features.x, X[:30])
    assert kept(Features(X + 500)) is None


def test_tolerance_lets_more_in() -> None:
    mixture = around(0.0, spread=5.0)
    assert kept(mixture, tolerance=1.0) is None
    assert kept(mixture, tolerance=100.0) is mixture


def test_what_nobody_knows_the_place_of_is_taken() -> None:
    assert kept(Nothing()) is not None
