from collections.abc import Callable
from math import isnan

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import multivariate_normal

from fedasc.aggregators.content import Content
from fedasc.aggregators.features import Features
from fedasc.aggregators.mixture import Mixture
from fedasc.aggregators.nothing import Nothing
from fedasc.aggregators.scene_mixture import SceneMixture
from fedasc.aggregators.weights import Weights
from fedasc.audio import FloatArray
from fedasc.errors import SettingsError
from fedasc.privacy.linkage import N_FREQUENCIES, NARROWER, link_features, linked
from tests.models.test_embedded import random_classifier
from tests.strategies.servers import SERVER

MEAN, DEVIATION = SERVER.scale


def mixture(seed: int, kind: str = "diagonal", n: int = 3) -> Mixture:
    """Components a few deviations of the server's data apart."""
    rng = np.random.default_rng(seed)
    means = MEAN + DEVIATION * rng.normal(size=(n, 45)) / 2
    spread = rng.uniform(0.05, 0.5, (n, 45))
    if kind != "diagonal":  # long in one direction, which is none of the features'
        length = rng.normal(size=(n, 45))
        matrices = length[:, :, None] * length[:, None] + spread[:, None] * np.eye(45)
        matrices *= np.outer(DEVIATION, DEVIATION)
        covariances = np.tril(matrices) + np.swapaxes(np.tril(matrices, -1), 1, 2)
        covariances = covariances[:1] if kind == "tied" else covariances
    else:
        covariances = spread * DEVIATION**2
    weights = rng.dirichlet(np.full(n, 5.0))
    return Mixture(*(a.astype(np.float32) for a in (weights, means, covariances)))


def discrepancy(one: Mixture, other: Mixture) -> float:
    """Squared, in closed form: expected kernels are densities of Gaussians added to each other."""
    x = SERVER.standardised(SERVER.comprehensive_set.training.x)
    width = pdist(x).mean() / NARROWER

    def kernel(a: Mixture, b: Mixture) -> float:
        total = 0.0
        for w, m, s in components(a):
            for v, n, t in components(b):
                density = multivariate_normal(m - n, s + t + width**2 * np.eye(45))
                total += w * v * density.pdf(np.zeros(45)) * (2 * np.pi * width**2) ** (45 / 2)
        return total

    return kernel(one, one) + kernel(other, other) - 2 * kernel(one, other)


def components(a: Mixture) -> list[tuple[float, FloatArray, FloatArray]]:
    of_each = a.component_covariances.astype(np.float64)
    matrices = of_each if a.is_full else [np.diag(one) for one in of_each]
    unit = np.outer(DEVIATION, DEVIATION)
    means = (a.means - MEAN) / DEVIATION
    return [(w, m, s / unit) for w, m, s in zip(a.weights, means, matrices, strict=True)]


def told(*contents: Content) -> FloatArray:
    return link_features(contents, server=SERVER)


@pytest.mark.parametrize("kind", ["diagonal", "full", "tied"])
def test_squared_distances_are_the_closed_form_of_the_discrepancy(kind: str) -> None:
    releases = [mixture(seed, kind) for seed in range(4)]
    features = told(*releases)
    ratios = [
        ((features[i] - features[j]) ** 2).sum() / discrepancy(releases[i], releases[j])
        for i in range(4)
        for j in range(i)
    ]
    assert np.mean(ratios) == pytest.approx(1, abs=0.08)
    assert np.std(ratios) < 0.15


def test_windows_are_known_by_the_same_as_the_mixture_that_they_are_drawn_from() -> None:
    several = [mixture(seed) for seed in range(3)]
    rng = np.random.default_rng(0)
    drawn = told(*(Features(one.sample(4000, rng=rng)) for one in several))
    distances = np.linalg.norm(told(*several)[:, None] - drawn[None], axis=2)
    apart = distances[~np.eye(3, dtype=bool)].min()
    assert distances.diagonal().max() < apart / 5


def test_the_order_of_components_tells_nothing_and_a_scene_mixture_is_its_mixture() -> None:
    one = mixture(0)
    turned = Mixture(one.weights[::-1], one.means[::-1], one.covariances[::-1])
    by_scene = SceneMixture(one, np.array([0, 2, 3], np.int8))
    features = told(one, turned, by_scene)
    np.testing.assert_allclose(features[1], features[0], atol=1e-12)
    np.testing.assert_array_equal(features[2], features[0])
    assert features.shape == (3, 2 * N_FREQUENCIES)


def test_a_release_is_known_by_the_same_whatever_comes_with_it() -> None:
    several = [mixture(seed) for seed in range(3)]
    np.testing.assert_array_equal(told(*several)[2:], told(several[2]))


def test_weights_are_known_by_how_they_changed() -> None:
    rng = np.random.default_rng(0)

    def moved(seed: int, by: float) -> Weights:
        arrays = random_classifier(seed).arrays()
        noise = {name: by * rng.normal(size=array.shape) for name, array in arrays.items()}
        return Weights(
            **{name: (a * np.exp(noise[name])).astype(np.float32) for name, a in arrays.items()}
        )

    first, second = ([moved(seed, 0.1) for seed in range(10)] for _ in range(2))
    assert linked(told(*first), told(*second), [10]) == {10: 1.0}
    assert not told(Weights.of(SERVER.baseline)).any()


@pytest.mark.parametrize("release", [mixture, lambda seed: Features(mixture(seed).means)])
def test_who_sends_the_same_twice_is_always_named(release: Callable[[int], Content]) -> None:
    features = told(*map(release, range(12)))
    assert linked(features, features, [3, 12]) == {3: 1.0, 12: 1.0}


def test_of_nothing_chance_names_one() -> None:
    features = told(*[Nothing()] * 12)
    shares = linked(features, features, [2, 12])
    assert shares == {2: pytest.approx(1 / 2), 12: pytest.approx(1 / 12)}


def test_releases_that_are_no_users_are_named_by_chance() -> None:
    """Of 400 users in groups of 20: 1/20 ± 0.011."""
    rng = np.random.default_rng(0)
    shares = linked(rng.normal(size=(400, 30)), rng.normal(size=(400, 30)), [20])
    assert shares[20] == pytest.approx(1 / 20, abs=0.033)


def test_the_nearest_first_release_names_a_user_and_ties_are_shared() -> None:
    first = np.array([[0.0], [1.0], [10.0], [10.0], [50.0]])
    second = np.array([[0.4], [0.4], [10.0], [11.0], [30.5]])
    shares = linked(first, second, [1, 2, 4, 5, 6])
    assert shares[1] == 1.0
    assert shares[2] == pytest.approx(np.mean([1 / 2, 1 / 2]))  # user 4 is in no pair
    assert shares[4] == pytest.approx(np.mean([1, 0, 1 / 2, 1 / 2]))
    assert shares[5] == pytest.approx(np.mean([1, 0, 1 / 2, 1 / 2, 1]))
    assert isnan(shares[6])


def test_who_is_who_doesnt_depend_on_the_order_of_users() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(30, 4))
    second = first + rng.normal(size=(30, 4)) / 2
    order = rng.permutation(30)
    share = linked(first, second, [30])
    assert 0.2 < share[30] < 0.9
    assert linked(first[order], second[order], [30]) == share


def test_unknown_kinds_are_refused() -> None:
    class Odd(Content):
        kind = "oddities"

    with pytest.raises(SettingsError, match="links oddities; register"):
        told(Odd())
