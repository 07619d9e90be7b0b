import numpy as np

from fedasc.aggregators.deviations import deviations
from fedasc.aggregators.gmm import GmmAggregator


def test_deviations_tell_how_features_vary_together() -> None:
    """Two clouds far apart; in both, neighbouring features have a cause in common."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 45)) + 100 * rng.integers(2, size=(2000, 1))
    x[:, :40] += np.repeat(rng.normal(size=(2000, 20)), 2, axis=1)
    heard = x.astype(np.float32)
    found = deviations(GmmAggregator(n_components=2).fit(heard, seed=1), heard)
    assert found.shape == x.shape
    np.testing.assert_allclose(found.var(axis=0), 1, rtol=1e-4)
    correlation = found.T @ found / len(found)
    assert correlation[range(0, 40, 2), range(1, 40, 2)].mean() > 0.3
    assert abs(correlation[0, 2:].mean()) < 0.05, "the clouds' distance must be gone"
