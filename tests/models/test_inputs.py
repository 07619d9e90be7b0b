import numpy as np
import pytest

from fedasc.models.inputs import inputs_of, statistics

RISING = np.outer([1, 2, 4, 8, 5], np.ones(9)).reshape(1, 45)
"""All nine features take the same five values, one after the other."""


def sequences(n_samples: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    drawn = np.random.default_rng(0).normal(-60, 12, size=(n_samples, 45))
    return drawn.astype(np.float32)


def test_tells_mean_deviation_extremes_and_the_change_from_vector_to_vector() -> None:
    x = RISING.astype(np.float32)
    x[:, 8::9] -= 100  # the last feature of each vector is quieter
    found = statistics(x).reshape(5, 9)
    np.testing.assert_allclose(found[:, :8], np.tile([[4], [6**0.5], [1], [8], [2.5]], 8))
    np.testing.assert_allclose(found[:, 8], [-96, 6**0.5, -99, -92, 2.5], rtol=1e-6)


def test_a_sequence_backwards_has_the_same_statistics() -> None:
    x = sequences(200)
    backwards = x.reshape(-1, 5, 9)[:, ::-1].reshape(-1, 45)
    np.testing.assert_allclose(statistics(backwards), statistics(x), atol=1e-4)


@pytest.mark.parametrize("order", [[1, 0, 2, 3, 4], [2, 4, 1, 0, 3]])
def test_only_the_change_minds_the_order(order: list[int]) -> None:
    x = sequences(200)
    shuffled = statistics(x.reshape(-1, 5, 9)[:, order].reshape(-1, 45))
    np.testing.assert_allclose(shuffled[:, :36], statistics(x)[:, :36], atol=1e-4)
    assert np.abs(shuffled[:, 36:] - statistics(x)[:, 36:]).max() > 1


def test_the_sequence_is_what_it_is() -> None:
    x = sequences(3)
    assert inputs_of(x, "sequence") is x
    np.testing.assert_array_equal(inputs_of(x.astype(np.float64), "sequence"), x)


@pytest.mark.bits
def test_a_samples_statistics_are_bitwise_the_same_whatever_comes_with_it() -> None:
    x = sequences(37)
    alone = np.concatenate([statistics(row[None]) for row in x])
    np.testing.assert_array_equal(statistics(x), alone)
    np.testing.assert_array_equal(statistics(np.asfortranarray(x)), alone)
