import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from fedasc.audio import FloatArray
from fedasc.evaluation.calibration import N_BINS, Reliability, reliability


def probabilities_of(certainty: FloatArray) -> FloatArray:
    """Rows whose first scene is the likeliest, with the given probability."""
    rest = (1 - certainty) / 3
    return np.stack([certainty, rest, rest, rest], axis=1)


@given(st.lists(st.tuples(st.floats(0.3, 1), st.booleans()), min_size=1))
def test_curve_is_that_of_scikit_learn(windows: list[tuple[float, bool]]) -> None:
    certainty = np.array([c for c, _ in windows])
    right = np.array([r for _, r in windows])
    found = reliability(np.where(right, 0, 1), probabilities_of(certainty))
    share_right, mean_certainty = calibration_curve(right, certainty, n_bins=N_BINS)
    on_an_edge = np.isclose(certainty * N_BINS, np.round(certainty * N_BINS))
    if not on_an_edge.any():
        np.testing.assert_allclose(found.curve()[:, 0], mean_certainty)
        np.testing.assert_allclose(found.curve()[:, 1], share_right)
    assert found.curve()[:, 2].sum() == pytest.approx(1)


def test_error_is_the_gap_of_each_bin_weighted_by_its_windows() -> None:
    """Of four windows at 0.9 two are right; the one at 0.5 is right."""
    certainty = np.array([0.9, 0.9, 0.9, 0.9, 0.5])
    found = reliability(np.array([0, 0, 1, 2, 0]), probabilities_of(certainty))
    assert found.error == pytest.approx((4 * abs(0.5 - 0.9) + 1 * abs(1 - 0.5)) / 5)


def test_gaps_of_opposite_sign_cancel_within_a_bin_and_not_between_bins() -> None:
    scenes = np.array([0, 1])
    assert reliability(scenes, probabilities_of(np.array([0.5, 0.5]))).error == pytest.approx(0)
    assert reliability(scenes, probabilities_of(np.array([0.4, 0.6]))).error == pytest.approx(0.6)


def test_who_is_right_as_often_as_certain_has_no_error(rng: np.random.Generator) -> None:
    certainty = rng.uniform(0.25, 1, 100_000)
    scene = (rng.uniform(size=100_000) >= certainty).astype(np.int64)
    assert reliability(scene, probabilities_of(certainty)).error < 0.01


def test_devices_pool_as_if_their_windows_came_together(rng: np.random.Generator) -> None:
    certainty, scene = rng.uniform(0.25, 1, 50), rng.integers(4, size=50)
    probabilities = probabilities_of(certainty)
    pooled = reliability(scene[:20], probabilities[:20]) + reliability(
        scene[20:], probabilities[20:]
    )
    together = reliability(scene, probabilities)
    np.testing.assert_array_equal(pooled.n_windows, together.n_windows)
    np.testing.assert_array_equal(pooled.n_right, together.n_right)
    np.testing.assert_allclose(pooled.confidence, together.confidence)


def test_without_windows_nothing_is_known() -> None:
    none = Reliability(np.zeros(3, np.int64), np.zeros(3, np.int64), np.zeros(3))
    assert np.isnan(none.error)
    assert len(none.curve()) == 0
