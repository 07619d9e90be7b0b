import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, confusion_matrix, recall_score

from fedasc.evaluation.scores import confusion, spread
from fedasc.scenes import N_SCENES, Scene

SCENES = st.integers(0, N_SCENES - 1)
NONE = np.empty(0, np.int64)


@given(st.lists(st.tuples(SCENES, SCENES), min_size=1))
def test_counts_accuracy_and_recall_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, predicted = np.array(pairs).T
    found = confusion(true, predicted)
    scenes = list(Scene)
    np.testing.assert_array_equal(found.counts, confusion_matrix(true, predicted, labels=scenes))
    assert found.accuracy == pytest.approx(accuracy_score(true, predicted))
    recalls = recall_score(true, predicted, labels=scenes, average=None, zero_division=np.nan)
    assert [found.recall(scene) for scene in scenes] == pytest.approx(list(recalls), nan_ok=True)


def test_without_windows_nothing_is_known() -> None:
    found = confusion(NONE, NONE)
    assert found.counts.sum() == 0
    assert np.isnan(found.accuracy)
    assert all(np.isnan(found.recall(scene)) for scene in Scene)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=50), st.integers(0, 3))
def test_spread_is_that_of_scipy_over_users_with_a_value(values: list[float], n_nan: int) -> None:
    found = spread(values + [float("nan")] * n_nan)
    assert found.median == pytest.approx(stats.scoreatpercentile(values, 50))
    assert found.worst_tenth == pytest.approx(stats.scoreatpercentile(values, 10))
    reach = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    assert (found.low, found.high) == pytest.approx(
        (np.mean(values) - reach, np.mean(values) + reach)
    )


@pytest.mark.parametrize("n_users", [1, 2, 4])
def test_spread_of_fewer_than_five_users_has_no_interval(n_users: int) -> None:
    found = spread([0.5] * n_users + [float("nan")])
    assert (found.median, found.worst_tenth) == (0.5, 0.5)
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize("values", [[], [float("nan")]])
def test_spread_of_no_user_is_unknown(values: list[float]) -> None:
    found = spread(values)
    assert np.isnan([found.median, found.worst_tenth, found.low, found.high]).all()
