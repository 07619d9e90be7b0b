import numpy as np
import pytest

from fedasc.arithmetic.powers import LOG_2, LOG_10, exp_in_single, log2, power, tanh


@pytest.mark.parametrize("base", [2, 10.0])
def test_powers_of_two_and_ten_are_as_of_numpy(base: float) -> None:
    x = np.random.default_rng(0).uniform(-12, 12, size=(3, 2001))
    powers = power(base, x)
    assert powers.shape == x.shape
    np.testing.assert_allclose(powers, base**x, rtol=2**-47)
    assert power(base, 0.0) == 1


def test_powers_of_any_base_are_as_of_numpy() -> None:
    rng = np.random.default_rng(0)
    bases, exponents = rng.uniform(0, 20, size=(50, 1)), rng.uniform(-3, 3, size=40)
    np.testing.assert_allclose(power(bases, exponents), bases**exponents, rtol=2**-48)
    np.testing.assert_allclose(power(bases, 0.3), bases**0.3, rtol=2**-48)
    np.testing.assert_allclose(power(3, exponents), 3**exponents, rtol=2**-48)


def test_powers_of_nothing_are_next_to_nothing() -> None:
    assert 0 <= power(np.zeros(1), 0.5)[0] < 1e-140
    assert power(np.ones(1), 1e5)[0] == 1


def test_logarithms_of_bases_are_those_of_numpy() -> None:
    assert np.log([2, 10]).tolist() == [LOG_2, LOG_10]


def test_binary_logarithms_are_as_of_numpy() -> None:
    x = np.exp(np.random.default_rng(0).uniform(-40, 40, size=2001))
    np.testing.assert_allclose(log2(x), np.log2(x), rtol=2**-50, atol=2**-52)


@pytest.mark.parametrize("most", [1e-6, 1.0, 30.0, 1e4])
def test_hyperbolic_tangents_are_as_of_numpy(most: float) -> None:
    x = np.random.default_rng(0).uniform(-most, most, size=2001)
    np.testing.assert_allclose(tanh(x), np.tanh(x), rtol=0, atol=2**-51)


@pytest.mark.parametrize("most", [1e-3, 1.0, 87.0])
def test_exponentials_in_single_precision_are_as_of_numpy(most: float) -> None:
    x = np.random.default_rng(0).uniform(-most, most, size=(3, 667)).astype(np.float32)
    exponentials = exp_in_single(x)
    assert exponentials.dtype == np.float32
    np.testing.assert_allclose(exponentials, np.exp(x.astype(np.float64)), rtol=1.5 * 2**-23)
    np.testing.assert_array_equal(exp_in_single(x[1:, 3:8]), exponentials[1:, 3:8])
