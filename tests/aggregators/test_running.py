import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fedasc.aggregators.running import RunningGaussians
from fedasc.audio import FloatArray


def direct(x: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights, means and scatters of x (n, n_features) with shares (n, n_groups)."""
    weights = shares.sum(axis=0)
    means = shares.T @ x / weights[:, None]
    squares = (x[:, None] - means) ** 2
    return weights, means, (shares[:, :, None] * squares).sum(axis=0)


def check(found: RunningGaussians, x: FloatArray, shares: FloatArray) -> None:
    weights, means, scatters = direct(x, shares)
    np.testing.assert_allclose(found.weights, weights, rtol=1e-9)
    np.testing.assert_allclose(found.means, means, rtol=1e-9)
    np.testing.assert_allclose(found.scatters, scatters, rtol=1e-6, atol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 20), offset=st.sampled_from([0, 1e4]))
def test_windows_one_by_one_are_as_all_at_once(seed: int, n: int, offset: float) -> None:
    rng = np.random.default_rng(seed)
    x, shares = rng.normal(size=(n, 4)) + offset, rng.uniform(0.01, 1, size=(n, 3))
    found = RunningGaussians.empty(3, 4)
    for each, share in zip(x, shares, strict=True):
        found = found.added(each, share)
    check(found, x, shares)
    check(found.times(0.25), x, shares / 4)
    check(found.pooled(), x, shares.sum(axis=1, keepdims=True))


@given(seed=st.integers(0, 2**32 - 1))
def test_a_merge_takes_the_pair_that_adds_the_least_scatter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, 3))
    own = np.eye(5)[np.concatenate([np.arange(5), rng.integers(5, size=7)])]
    found = RunningGaussians(*direct(x, own)).merged()
    pairs = [(i, j) for i in range(5) for j in range(i)]

    def with_pair(i: int, j: int) -> FloatArray:
        others = [k for k in range(5) if k not in (i, j)]
        return np.column_stack([own[:, others], own[:, i] + own[:, j]])

    best = min(pairs, key=lambda pair: direct(x, with_pair(*pair))[2].sum())
    check(found, x, with_pair(*best))
