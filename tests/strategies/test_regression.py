import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from fedasc.audio import FloatArray
from fedasc.strategies.regression import log_odds


def optimum(inputs: FloatArray, is_second: NDArray[np.bool_], *, strength: float) -> FloatArray:
    model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-14, max_iter=1000)
    odds: FloatArray = model.fit(inputs, is_second).decision_function(inputs)
    return odds


def two_kinds(
    n: int, n_inputs: int, *, apart: float, seed: int
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Inputs that vary together, and which of them are of the second kind: a third."""
    rng = np.random.default_rng(seed)
    is_second = np.arange(n) % 3 == 0
    mixed = rng.normal(size=(n, n_inputs)) @ (np.eye(n_inputs) + rng.normal(size=(n_inputs, 1)) / 3)
    return mixed + apart * is_second[:, None] * rng.normal(size=n_inputs), is_second


@pytest.mark.parametrize("strength", [0.1, 10.0])
@pytest.mark.parametrize("apart", [0.0, 0.3, 5.0])
@pytest.mark.parametrize(("n", "n_inputs"), [(20, 3), (255, 15), (257, 16), (900, 90)])
def test_odds_are_those_of_the_optimum(
    n: int, n_inputs: int, apart: float, strength: float
) -> None:
    inputs, is_second = two_kinds(n, n_inputs, apart=apart, seed=n)
    found = log_odds(inputs, is_second, strength=strength)
    expected = optimum(inputs, is_second, strength=strength)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("seed", [144, 324, 866, 1423])
def test_a_step_that_makes_things_worse_is_halved(seed: int) -> None:
    """Few samples with heavy tails: whole steps of Newton's would end nowhere."""
    rng = np.random.default_rng(seed)
    inputs = 20 * rng.standard_t(1.2, size=(7, 3))
    is_second = rng.permutation(7) < 4
    found = log_odds(inputs, is_second, strength=10.0)
    np.testing.assert_allclose(found, optimum(inputs, is_second, strength=10.0), rtol=1e-10)
