import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC

from fedasc.audio import FloatArray
from fedasc.models.kernel_machine import KernelMachine

GAMMA = 0.2


def toy(*n_of_class: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Classes that overlap, of unequal sizes."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(n_of_class), dtype=np.int64), n_of_class)
    x = rng.normal(size=(len(y), 6)) + 2 * rng.normal(size=(len(n_of_class), 6))[y]
    return x, y


X, Y = toy(60, 25, 40, 50)
MACHINE = KernelMachine(C=3.0, gamma=GAMMA).fit(X, Y)
UNSEEN = np.random.default_rng(1).normal(0, 2, size=(700, 6))
FAR_AWAY = np.full((3, 6), 1e4)
COPIES = X[:5].repeat(2, axis=0)


@pytest.mark.parametrize("x", [UNSEEN, FAR_AWAY, COPIES, UNSEEN[:1]])
@pytest.mark.parametrize("n_of_class", [(60, 25, 40, 50), (30, 50, 20), (20, 30, 10, 30, 40)])
def test_scores_are_those_of_scikit_learn(n_of_class: tuple[int, ...], x: FloatArray) -> None:
    machine = KernelMachine(C=3.0, gamma=GAMMA).fit(*toy(*n_of_class))
    np.testing.assert_allclose(
        machine.decision_function(x), SVC.decision_function(machine, x), rtol=0, atol=1e-9
    )


def test_calibrated_probabilities_are_those_of_scikit_learn() -> None:
    ours, theirs = (
        CalibratedClassifierCV(kind(C=3.0, gamma=GAMMA), ensemble=False).fit(X, Y)
        for kind in (KernelMachine, SVC)
    )
    found = ours.predict_proba(UNSEEN)
    assert found.max() - found.min() > 0.8, "some must be certain"
    np.testing.assert_allclose(found, theirs.predict_proba(UNSEEN), rtol=0, atol=1e-6)


def test_most_likely_class_is_the_one_that_scikit_learn_predicts() -> None:
    np.testing.assert_array_equal(
        MACHINE.decision_function(UNSEEN).argmax(axis=1), MACHINE.predict(UNSEEN)
    )


def test_other_samples_in_the_call_change_nothing_but_rounding() -> None:
    one_by_one = np.concatenate([MACHINE.decision_function(x[None]) for x in UNSEEN])
    np.testing.assert_allclose(one_by_one, MACHINE.decision_function(UNSEEN), rtol=0, atol=1e-9)


def test_the_same_call_gives_bitwise_the_same() -> None:
    np.testing.assert_array_equal(
        MACHINE.decision_function(UNSEEN), MACHINE.decision_function(UNSEEN)
    )


def test_memory_stays_far_below_that_of_the_whole_kernel() -> None:
    many = np.tile(UNSEEN, (30, 1))
    whole = 8 * len(many) * len(MACHINE.support_vectors_)
    tracemalloc.start()
    MACHINE.decision_function(many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < whole / 2
