import numpy as np
import pytest

from fedasc.aggregators.draft import Draft, enough, mixture_draft
from fedasc.errors import SettingsError
from tests.aggregators.test_mixture import random_mixture


@pytest.mark.parametrize(
    ("weights", "least", "expected"),
    [
        ([0.5, 0.3, 0.2], 0.25, [True, True, False]),
        ([0.5, 0.3, 0.2], 0.2, [True, True, True]),
        ([0.4, 0.3, 0.3], 0.5, [True, False, False]),
        ([1.0], 2.5, [True]),
    ],
)
def test_components_stay_that_are_large_enough_and_one_at_least(
    weights: list[float], least: float, expected: list[bool]
) -> None:
    assert enough(np.array(weights), least).tolist() == expected


@pytest.mark.parametrize("shape", [(3, 2), (3, 2, 2), (1, 2, 2)])
def test_what_is_left_adds_to_one_and_keeps_its_own(shape: tuple[int, ...]) -> None:
    means = np.arange(6.0).reshape(3, 2)
    covariances = np.broadcast_to(np.eye(2), shape) if len(shape) == 3 else np.ones(shape)
    covariances = covariances * np.arange(1.0, shape[0] + 1).reshape(-1, *[1] * (len(shape) - 1))
    weights = np.array([0.6, 0.1, 0.3])
    draft = mixture_draft(
        weights,
        means,
        covariances,
        n_effective=20 * weights,
        n_stretches=np.arange(len(weights)),
        least=0.2,
    )
    np.testing.assert_array_equal(draft.n_effective, [12, 6])
    np.testing.assert_array_equal(draft.n_stretches, np.flatnonzero(weights >= 0.2))
    found = draft.content
    np.testing.assert_allclose(found.weights, [2 / 3, 1 / 3], rtol=1e-6)
    np.testing.assert_array_equal(found.means, means[[0, 2]])
    assert found.weights.dtype == found.means.dtype == found.covariances.dtype == np.float32
    kept = [1, 1] if shape[0] == 1 else [1, 3]
    np.testing.assert_allclose(found.variances[:, 0], kept, rtol=1e-5)
    assert len(found.covariances) == (1 if shape[0] == 1 else 2)


@pytest.mark.parametrize(
    "n_effective",
    [np.ones(2), np.ones((3, 1)), np.array([1, 0, 2.0]), np.array([1, np.nan, 2]), -np.ones(3)],
)
def test_refuses_what_is_no_number_of_windows_behind_each(n_effective: np.ndarray) -> None:
    with pytest.raises(SettingsError, match="draft: "):
        Draft(random_mixture(3), n_effective)


def test_is_a_value() -> None:
    draft = Draft(random_mixture(3), np.ones(3))
    with pytest.raises(ValueError, match="read-only"):
        draft.n_effective[0] = 2


@pytest.mark.parametrize("n_stretches", [np.ones(2, int), np.array([1, -1, 2])])
def test_refuses_what_is_no_number_of_stretches_behind_each(n_stretches: np.ndarray) -> None:
    with pytest.raises(SettingsError, match=r"expected n_stretches \(3,\), none negative"):
        Draft(random_mixture(3), np.ones(3), n_stretches)
