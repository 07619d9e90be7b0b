import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from fedasc.evaluation.diagnosis import (
    collapsed,
    energy_distance,
    label_shift,
    two_sample_test,
    where_certain,
)
from fedasc.evaluation.distances import Cloud


def energy(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return energy_distance(Cloud.around(x[0], x), Cloud.around(x[0], y))


def test_energy_distance_is_the_mean_over_pairs() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(-80, 1, size=(7, 3)), rng.normal(-79, 2, size=(5, 3))

    def mean(one: np.ndarray, other: np.ndarray, *, same: bool) -> float:
        return float(
            np.mean(
                [
                    np.sqrt(sum((a - b) ** 2 for a, b in zip(one[i], other[j], strict=True)))
                    for i in range(len(one))
                    for j in range(len(other))
                    if not (same and i == j)
                ]
            )
        )

    expected = 2 * mean(x, y, same=False) - mean(x, x, same=True) - mean(y, y, same=True)
    assert energy(x, y) == pytest.approx(expected, rel=1e-5)


def test_energy_distance_in_one_dimension_is_that_of_scipy() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(800, 1)), rng.normal(0.7, 1.5, size=(700, 1))
    # SciPy's is the root, and each of its means over pairs includes a sample with itself.
    assert energy(x, y) == pytest.approx(stats.energy_distance(x[:, 0], y[:, 0]) ** 2, abs=0.01)


def test_energy_distance_of_one_distribution_is_about_zero_whatever_the_sizes() -> None:
    rng = np.random.default_rng(3)
    found = [
        energy(rng.normal(size=(n, 5)), rng.normal(size=(40, 5)))
        for n in (10, 100)
        for _ in range(100)
    ]
    for some in np.split(np.array(found), 2):
        assert abs(some.mean()) < 5 * some.std() / 10


def test_energy_distance_needs_two_samples_on_either_side() -> None:
    assert np.isnan(energy(np.zeros((1, 3)), np.zeros((9, 3))))


def test_a_classifier_cant_tell_two_samples_of_one_distribution() -> None:
    rng = np.random.default_rng(4)
    found = two_sample_test(rng.normal(size=(400, 6)), rng.normal(size=(200, 6)), seed=1)
    assert abs(found.auc - 0.5) < 5 * np.sqrt((1 / 400 + 1 / 200) / 12)
    assert abs(found.accuracy - 0.5) < 0.1


def test_a_classifier_tells_samples_that_only_differ_in_how_features_go_together() -> None:
    rng = np.random.default_rng(5)
    alike = rng.normal(size=(400, 1)) @ np.ones((1, 3)) + 0.1 * rng.normal(size=(400, 3))
    apart = rng.normal(scale=np.sqrt(1.01), size=(400, 3))
    found = two_sample_test(alike, apart, seed=1)
    assert found.auc > 0.9
    assert found.accuracy > 0.8


def test_a_classifier_needs_a_sample_for_each_fold() -> None:
    assert np.isnan(two_sample_test(np.zeros((4, 3)), np.zeros((9, 3)), seed=1).auc)


@given(st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any), st.integers(1, 9))
def test_label_shift_knows_shares_only(counts: list[int], times: int) -> None:
    assert label_shift(counts, [times * n for n in counts]) == pytest.approx(0, abs=1e-12)


def test_label_shift_is_the_share_that_would_have_to_move() -> None:
    assert label_shift([10, 0, 0, 0], [0, 0, 0, 3]) == 1
    assert label_shift([40, 20, 20, 20], [25, 25, 25, 25]) == pytest.approx(0.15)
    assert np.isnan(label_shift([0, 0, 0, 0], [1, 1, 1, 1]))


def test_a_scene_with_hardly_any_samples_has_collapsed() -> None:
    assert collapsed([250, 250, 250, 250]) == ()
    assert collapsed([400, 350, 201, 49]) == ("speech_in_noise",)
    assert collapsed([400, 351, 199, 50]) == ()
    assert collapsed([0, 3, 0, 0]) == ("noise", "speech", "speech_in_noise")
    assert len(collapsed([0, 0, 0, 0])) == 4


def test_errors_count_where_the_teacher_is_certain() -> None:
    probabilities = np.array(
        [[0.9, 0.1, 0, 0], [0.75, 0.25, 0, 0], [0, 0.8, 0.2, 0], [0.7, 0.3, 0, 0]]
    )
    found = where_certain(probabilities, np.array([0, 0, 2, 1]), certainty=0.75)
    assert found.share == pytest.approx(3 / 4)
    assert found.error == pytest.approx(1 / 3)


def test_a_teacher_that_is_never_certain_has_no_error() -> None:
    found = where_certain(np.full((5, 4), 0.25), np.zeros(5, np.int64), certainty=0.75)
    assert found.share == 0
    assert np.isnan(found.error)
