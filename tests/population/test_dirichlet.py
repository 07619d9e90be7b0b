import numpy as np
import pytest
from scipy import stats

from fedasc.population.dirichlet import drawn_shares


@pytest.mark.parametrize("concentration", [1.0, 2.5, 10.0])
def test_even_shares_are_numpys_own(concentration: float) -> None:
    ours, numpys = (np.random.default_rng(3) for _ in range(2))
    for n in (1, 4, 9):
        expected = numpys.dirichlet(np.full(n, concentration))
        np.testing.assert_array_equal(drawn_shares(ours, n, concentration), expected)


@pytest.mark.parametrize("concentration", [0.05, 0.3, 0.9])
def test_uneven_shares_are_distributed_as_they_should(concentration: float) -> None:
    """One of four is a beta variable, and so is the sum of two."""
    rng = np.random.default_rng(3)
    shares = np.array([drawn_shares(rng, 4, concentration) for _ in range(4000)])
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    for n in (1, 2):
        beta = stats.beta(n * concentration, (4 - n) * concentration)
        assert stats.kstest(shares[:, :n].sum(axis=1), beta.cdf).pvalue > 0.01


def test_tiny_concentrations_leave_one_share() -> None:
    shares = drawn_shares(np.random.default_rng(0), 5, 1e-4)
    assert np.sort(shares)[-1] == pytest.approx(1)
    assert np.isfinite(shares).all()
