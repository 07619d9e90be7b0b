import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from fedasc.audio import FloatArray
from fedasc.models.forest import Forest


def grown(
    *, n_leaves: int = 15, n_classes: int = 4, n_samples: int = 1500, depth: int | None = None
) -> HistGradientBoostingClassifier:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_samples, 6))
    y = rng.integers(n_classes, size=n_samples)
    x[:, :2] += np.stack([y % 2, y // 2], axis=1)
    x[:, 5] = x[:, 5].round()
    trees = HistGradientBoostingClassifier(
        max_iter=12, max_leaf_nodes=n_leaves, max_depth=depth, min_samples_leaf=5, random_state=0
    )
    return trees.fit(x, y)


TREES = grown()
FOREST = Forest.of(TREES)


def unseen(n_samples: int) -> FloatArray:
    """Some far away, and some that are exactly on thresholds."""
    rng = np.random.default_rng(1)
    x = rng.normal(0, 2, size=(n_samples, 6)) * 10.0 ** rng.integers(-2, 3, size=(n_samples, 1))
    edges = FOREST.thresholds
    on_edge = edges[np.arange(6), rng.integers(edges.shape[1], size=(n_samples, 6))]
    return np.where((rng.uniform(size=x.shape) < 0.3) & np.isfinite(on_edge), on_edge, x)


@pytest.mark.parametrize("n_leaves", [2, 3, 15, 16, 17, 31, 33, 100])
@pytest.mark.parametrize("n_classes", [3, 4])
def test_scores_are_those_of_scikit_learn_to_the_last_bit(n_leaves: int, n_classes: int) -> None:
    trees = grown(n_leaves=n_leaves, n_classes=n_classes)
    forest, x = Forest.of(trees), unseen(1000)
    np.testing.assert_array_equal(forest.scores(x), trees.decision_function(x))
    np.testing.assert_allclose(forest.probabilities(x), trees.predict_proba(x), rtol=1e-15)


def test_a_tree_that_found_nothing_to_split_is_a_single_leaf() -> None:
    trees = grown(n_samples=9)
    assert all(len(tree.nodes) == 1 for iteration in trees._predictors for tree in iteration)
    x = unseen(40)
    np.testing.assert_array_equal(Forest.of(trees).scores(x), trees.decision_function(x))


def test_as_many_thresholds_as_scikit_learn_can_have() -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(20_000, 1))
    y = (x[:, 0] * 3000).astype(int) % 3
    trees = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=60, early_stopping=False)
    forest = Forest.of(trees.fit(x, y))
    assert np.isfinite(forest.thresholds).sum() > 248
    np.testing.assert_array_equal(forest.scores(x), trees.decision_function(x))


@given(n_samples=st.sampled_from([0, 1, 2, 255, 256, 257, 600]), by_column=st.booleans())
@pytest.mark.bits
def test_other_samples_and_the_order_in_memory_change_nothing(
    n_samples: int, by_column: bool
) -> None:
    x = unseen(600)[:n_samples]
    found = FOREST.probabilities(np.asfortranarray(x) if by_column else x)
    np.testing.assert_array_equal(found, FOREST.probabilities(unseen(600))[:n_samples])


def test_inputs_stay_as_they_are() -> None:
    x = np.asfortranarray(unseen(20))
    before = x.copy()
    FOREST.probabilities(x)
    np.testing.assert_array_equal(x, before)
