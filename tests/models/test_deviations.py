import numpy as np

from fedasc.models.deviations import deviations


def test_deviations_tell_how_features_vary_together() -> None:
    """Two clouds far apart; in both, neighbouring features have a cause in common."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 45)) + 100 * rng.integers(2, size=(2000, 1))
    x[:, :40] += np.repeat(rng.normal(size=(2000, 20)), 2, axis=1)
    found = deviations(x.astype(np.float32), seed=1)
    assert found.shape == x.shape
    np.testing.assert_allclose(found.var(axis=0), 1, rtol=1e-4)
    correlation = found.T @ found / len(found)
    assert correlation[range(0, 40, 2), range(1, 40, 2)].mean() > 0.3
    assert abs(correlation[0, 2:].mean()) < 0.05, "the clouds' distance must be gone"


def test_same_seed_gives_the_same_deviations() -> None:
    x = np.random.default_rng(0).normal(size=(300, 45)).astype(np.float32)
    np.testing.assert_array_equal(deviations(x, seed=1), deviations(x, seed=1))
