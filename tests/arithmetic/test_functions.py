import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from fedasc.arithmetic.compiled import compiled
from fedasc.arithmetic.functions import (
    cos_sin,
    exp,
    exponential,
    log,
    log_sum_exp,
    sigmoid,
    softmax,
    tangent,
)
from fedasc.arithmetic.lanes import load, store


@pytest.mark.parametrize("near", [(-708.0, 709.0), (-1.0, 1.0), (-1e-6, 1e-6), (-40.0, 0.0)])
def test_exponentials_are_right_to_the_last_place_or_nearly(near: tuple[float, float]) -> None:
    x = np.random.default_rng(0).uniform(*near, size=20_001)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=2 * 2**-52)


def test_exponentials_of_whole_numbers_and_limits() -> None:
    assert exp(np.zeros(1))[0] == 1
    assert exp(np.array([1.0]))[0] == math.e
    np.testing.assert_array_equal(exp(np.array([-1e9, -708.0])), exp(np.array([-708.0, -2e9])))
    assert 0 < exp(np.array([-1e9]))[0] < 1e-300


@compiled
def _in_single(x: NDArray[np.float32]) -> None:
    store(x, 0, exponential(load(x, 0, 16)))


def test_exponentials_in_single_precision() -> None:
    rng = np.random.default_rng(0)
    for most in (87.0, 1.0, 1e-3):
        x = rng.uniform(-most, most, size=16).astype(np.float32)
        found = x.copy()
        _in_single(found)
        expected = np.exp(x.astype(np.float64))
        np.testing.assert_allclose(found, expected, rtol=1.5 * 2**-23)


@pytest.mark.parametrize("near", [(-700, 700), (-1, 1), (-1e-6, 1e-6)])
def test_logarithms_are_right_to_the_last_place_or_nearly(near: tuple[float, float]) -> None:
    x = np.exp(np.random.default_rng(0).uniform(*near, size=20_001))
    np.testing.assert_allclose(log(x), np.log(x), rtol=4 * 2**-52, atol=0)
    assert log(np.ones(1))[0] == 0


@pytest.mark.parametrize("most", [1e-6, 0.8, 10, 1e3, 1e5, 2.0**30])
def test_cosines_and_sines_are_as_of_numpy(most: float) -> None:
    x = np.random.default_rng(0).uniform(-most, most, size=20_001)
    cosine, sine = cos_sin(x)
    np.testing.assert_allclose(cosine, np.cos(x), rtol=0, atol=2**-52)
    np.testing.assert_allclose(sine, np.sin(x), rtol=0, atol=2**-52)


def test_cosines_and_sines_of_right_angles_and_between() -> None:
    x = np.arange(-20_000, 20_000) * (math.pi / 4)
    cosine, sine = cos_sin(x)
    np.testing.assert_allclose(cosine, np.cos(x), rtol=1e-10, atol=0)
    np.testing.assert_allclose(sine, np.sin(x), rtol=1e-10, atol=0)
    assert [float(each[0]) for each in cos_sin(np.zeros(1))] == [1, 0]
    assert np.isnan(cos_sin(np.array([np.inf, np.nan]))).all()


def test_tangents_are_as_of_numpy() -> None:
    x = np.random.default_rng(0).uniform(-1.5, 1.5, size=2001)
    np.testing.assert_allclose(tangent(x), np.tan(x), rtol=2**-50)


def cosine_of(x: NDArray[Any]) -> NDArray[Any]:
    return cos_sin(x)[0]


def sine_of(x: NDArray[Any]) -> NDArray[Any]:
    return cos_sin(x)[1]


@pytest.mark.parametrize("function", [exp, log, sigmoid, cosine_of, sine_of])
@pytest.mark.bits
def test_any_shape_will_do_and_neighbours_change_nothing(function: Callable[..., Any]) -> None:
    x = np.random.default_rng(0).uniform(0.1, 9, size=(5, 7))
    whole = function(x)
    assert whole.shape == x.shape
    np.testing.assert_array_equal(function(x[2:3, 4:]), whole[2:3, 4:])
    np.testing.assert_array_equal(function(x.T), whole.T)
    assert function(x[:0]).shape == (0, 7)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (softmax, lambda scores: special.softmax(scores, axis=1)),
        (log_sum_exp, lambda scores: special.logsumexp(scores, axis=1)),
    ],
    ids=["softmax", "log_sum_exp"],
)
@pytest.mark.bits
def test_rows_are_as_of_scipy_and_mind_nobody(
    function: Callable[..., Any], expected: Callable[..., Any]
) -> None:
    scores = np.random.default_rng(0).normal(scale=200, size=(50, 4))
    whole = function(scores)
    np.testing.assert_allclose(whole, expected(scores), rtol=1e-13, atol=1e-300)
    for rows in (slice(0, 1), slice(7, 9), slice(49, 50)):
        np.testing.assert_array_equal(function(scores[rows]), whole[rows])
        np.testing.assert_array_equal(function(np.asfortranarray(scores)[rows]), whole[rows])


def test_sigmoids_are_as_of_scipy() -> None:
    x = np.linspace(-750, 750, 999)
    np.testing.assert_allclose(sigmoid(x), special.expit(x), rtol=1e-14, atol=1e-300)
