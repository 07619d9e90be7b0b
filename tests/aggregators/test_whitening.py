from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fedasc.aggregators.whitening import beside, distances, log_peaks, whitenings
from tests.aggregators.test_mixture import MAKERS, random_full_mixture, random_mixture

Array = NDArray[Any]
every_kind = pytest.mark.parametrize("make", MAKERS)


def parts(make: Any, n: int, n_features: int = 45, *, seed: int = 0) -> tuple[Array, Array]:
    """Means, and covariances in double precision."""
    mixture = make(n, n_features, seed=seed)
    return mixture.means.astype(np.float64), mixture.covariances.astype(np.float64)


def distances_of(make: Any, n: int, x: Array) -> Array:
    means, covariances = parts(make, n, x.shape[1])
    return distances(whitenings(covariances), means, beside(x))[:, : len(x)].T


@every_kind
def test_distances_and_peaks_are_those_of_the_definition(make: Any) -> None:
    means, covariances = parts(make, 5)
    x = np.random.default_rng(0).normal(-20, 9, size=(33, 45))
    actual = distances_of(make, 5, x)
    full = covariances if covariances.ndim == 3 else np.stack([np.diag(v) for v in covariances])
    deviations = x[:, None] - means
    inverses = np.broadcast_to(np.linalg.inv(full), (5, 45, 45))
    expected = np.einsum("nkf,kfg,nkg->nk", deviations, inverses, deviations)
    np.testing.assert_allclose(actual, expected, rtol=1e-8)
    peaks = -(45 * np.log(2 * np.pi) + np.linalg.slogdet(full)[1]) / 2
    np.testing.assert_allclose(log_peaks(whitenings(covariances)), peaks, rtol=1e-12)


@every_kind
@given(
    n=st.integers(1, 20),
    n_samples=st.integers(1, 40),
    n_features=st.sampled_from([1, 2, 7, 8, 45]),
)
def test_neighbours_and_layouts_change_nothing(
    make: Any, n: int, n_samples: int, n_features: int
) -> None:
    x = np.random.default_rng(n_samples).normal(-20, 9, size=(n_samples, n_features))
    whole = distances_of(make, n, x)
    np.testing.assert_array_equal(distances_of(make, n, np.asfortranarray(x)), whole)
    np.testing.assert_array_equal(distances_of(make, n, x[::-1])[::-1], whole)
    np.testing.assert_array_equal(distances_of(make, n, x[-1:]), whole[-1:])


@every_kind
def test_other_components_change_nothing(make: Any) -> None:
    means, covariances = parts(make, 7)
    whitening, columns = whitenings(covariances), beside(means)
    whole, peaks = distances(whitening, means, columns), log_peaks(whitening)
    each = len(whitening) > 1
    for row in range(7):
        some = slice(row, row + 1)
        alone = whitening[some] if each else whitening
        np.testing.assert_array_equal(distances(alone, means[some], columns)[0], whole[row])
        np.testing.assert_array_equal(log_peaks(alone), peaks[some] if each else peaks)


@every_kind
def test_densities_of_a_mixture_mind_no_neighbour(make: Any) -> None:
    mixture = make(6)
    x = np.random.default_rng(0).normal(-20, 9, size=(50, 45)).astype(np.float32)
    whole = mixture.log_density(x)
    for rows in (slice(0, 1), slice(7, 9), slice(49, 50)):
        np.testing.assert_array_equal(mixture.log_density(x[rows]), whole[rows])
        np.testing.assert_array_equal(mixture.log_density(np.asfortranarray(x)[rows]), whole[rows])


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_refuses_covariances_that_are_none(value: float) -> None:
    for mixture in (random_mixture(3), random_full_mixture(3)):
        covariances = mixture.covariances.astype(np.float64)
        covariances[1, ..., 4] = value
        with pytest.raises(ValueError, match="positive"):
            whitenings(covariances)
