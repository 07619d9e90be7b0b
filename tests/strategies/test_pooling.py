from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import logsumexp

from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.weights import Weights
from fedasc.errors import SettingsError
from fedasc.strategies.pooling import pooled
from tests.aggregators.days import classifier
from tests.aggregators.test_mixture import (
    random_full_mixture,
    random_mixture,
    random_tied_mixture,
)
from tests.strategies.contents import around, by_scene, numbers, rows

SHARES = (1.0, 2.0, 5.0)


@pytest.mark.parametrize("make", [random_mixture, random_full_mixture, random_tied_mixture])
def test_the_density_of_a_pool_is_the_mean_of_the_densities(
    make: Callable[..., Mixture], rng: np.random.Generator
) -> None:
    mixtures = [make(n, seed=n) for n in (2, 3, 4)]
    found = pooled(mixtures, SHARES)
    assert isinstance(found, Mixture)
    x = np.concatenate([its.sample(50, rng=rng) for its in mixtures])
    densities = np.stack([its.log_density(x) for its in mixtures])
    shares = np.array(SHARES)[:, None] / sum(SHARES)
    expected = logsumexp(densities, axis=0, b=shares)
    np.testing.assert_allclose(found.log_density(x), expected, rtol=1e-4, atol=1e-3)


def test_draws_of_a_pool_come_from_each_as_often_as_its_share(rng: np.random.Generator) -> None:
    found = pooled([around(0.0), around(100.0), around(200.0, 300.0)], SHARES)
    assert isinstance(found, Mixture)
    drawn = np.rint(found.sample(40_000, rng=rng).mean(axis=1) / 100).astype(int)
    counts = np.bincount(drawn, minlength=4) / len(drawn)
    np.testing.assert_allclose(counts, [1 / 8, 2 / 8, 5 / 16, 5 / 16], atol=0.01)


def test_shares_may_be_in_any_unit() -> None:
    mixtures = [random_mixture(2, seed=seed) for seed in range(3)]
    found, thousandfold = (pooled(mixtures, [f * n for n in SHARES]) for f in (1, 1000))
    assert isinstance(found, Mixture)
    assert isinstance(thousandfold, Mixture)
    np.testing.assert_allclose(found.weights, thousandfold.weights, rtol=1e-6)


def test_scenes_go_with_their_components() -> None:
    one, other = by_scene(around(0.0, 1.0), 0, 2), by_scene(around(5.0), 2)
    found = pooled([one, other], [1, 3])
    assert isinstance(found, SceneMixture)
    np.testing.assert_allclose(found.shares(), [1 / 8, 0, 1 / 8 + 3 / 4, 0], rtol=1e-6)
    two = found.of_scene(2)
    assert two is not None
    np.testing.assert_allclose(two.means[:, 0], [1, 5])


def test_features_are_laid_side_by_side_whatever_the_shares() -> None:
    found = pooled([rows(3), rows(2, start=10)], [1, 100])
    assert isinstance(found, Features)
    assert numbers(found.x) == [0, 1, 2, 10, 11]


def test_one_alone_stays_as_it_is() -> None:
    alone = random_mixture(3)
    assert pooled([alone], [0.3]) is alone


def test_a_kind_that_cannot_be_pooled_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"weights can.t be pooled"):
        pooled([Weights.of(classifier())] * 2, [1, 1])


def test_of_nothing_nothing_is_pooled() -> None:
    assert isinstance(pooled([Nothing(), Nothing()], [1, 1]), Nothing)


def test_components_that_have_become_tiny_are_left_out_with_their_scenes() -> None:
    large, tiny = by_scene(around(0.0), 1), by_scene(around(9.0), 3)
    found = pooled([large, tiny], [1, 1e-5])
    assert isinstance(found, SceneMixture)
    assert found.scene.tolist() == [1]
    assert found.mixture.weights.sum() == pytest.approx(1)


def test_of_thousands_of_users_nobody_is_left_out() -> None:
    found = pooled([around(0.0, 1.0)] * 5000, [1.0] * 5000)
    assert isinstance(found, Mixture)
    assert found.n_components == 10_000
