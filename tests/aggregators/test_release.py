import numpy as np
import pytest

from fedasc.aggregators.release import may_leave, released


@pytest.mark.parametrize(
    ("weights", "least", "expected"),
    [
        ([0.5, 0.3, 0.2], 0.25, [True, True, False]),
        ([0.5, 0.3, 0.2], 0.2, [True, True, True]),
        ([0.4, 0.3, 0.3], 0.5, [True, False, False]),
        ([1.0], 2.5, [True]),
    ],
)
def test_components_leave_that_are_large_enough_and_one_at_least(
    weights: list[float], least: float, expected: list[bool]
) -> None:
    assert may_leave(np.array(weights), least).tolist() == expected


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 2), (1, 2, 2)])
def test_what_is_left_adds_to_one_and_keeps_its_own(shape: tuple[int, ...]) -> None:
    means = np.arange(6.0).reshape(3, 2)
    covariances = np.broadcast_to(np.eye(2), shape) if len(shape) == 3 else np.ones(shape)
    covariances = covariances * np.arange(1.0, shape[0] + 1).reshape(-1, *[1] * (len(shape) - 1))
    found = released(np.array([0.6, 0.1, 0.3]), means, covariances, least=0.2)
    np.testing.assert_allclose(found.weights, [2 / 3, 1 / 3], rtol=1e-6)
    np.testing.assert_array_equal(found.means, means[[0, 2]])
    assert found.weights.dtype == found.means.dtype == found.covariances.dtype == np.float32
    kept = [1, 1] if shape[0] == 1 else [1, 3]
    np.testing.assert_allclose(found.variances[:, 0], kept, rtol=1e-5)
    assert len(found.covariances) == (1 if shape[0] == 1 else 2)
