import pickle
from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from fedasc.audio import FloatArray
from fedasc.models.kernel_machine import KernelMachine
from fedasc.models.support_vectors import SupportVectors

GAMMA, PENALTY = 0.2, 3.0


def toy(*n_of_class: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Classes that overlap, of unequal sizes, whose features have units of their own."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(n_of_class), dtype=np.int64), n_of_class)
    x = rng.normal(size=(len(y), 6)) + 2 * rng.normal(size=(len(n_of_class), 6))[y]
    return 10.0 ** np.arange(-2, 4) * (x - 3), y


def machines(*n_of_class: int) -> tuple[SupportVectors, CalibratedClassifierCV]:
    ours, theirs = (
        CalibratedClassifierCV(
            make_pipeline(StandardScaler(), kind(C=PENALTY, gamma=GAMMA)), ensemble=False
        ).fit(*toy(*n_of_class))
        for kind in (KernelMachine, SVC)
    )
    return SupportVectors.of(ours), theirs


MACHINE, THEIRS = machines(160, 90, 140, 120)
X = toy(160, 90, 140, 120)[0]
UNSEEN = X[:500] + np.random.default_rng(1).normal(0, 0.5, size=(500, 6)) * X.std(axis=0)
FAR_AWAY = X.mean(axis=0) + np.array([[1e4], [-1e9], [1e30]]) * X.std(axis=0)


@pytest.mark.parametrize("x", [UNSEEN, FAR_AWAY, X, UNSEEN[:1]])
@pytest.mark.parametrize("n_of_class", [(160, 90, 140, 120), (30, 50, 20), (20, 30, 10, 30, 40)])
def test_probabilities_are_those_of_scikit_learn(
    n_of_class: tuple[int, ...], x: FloatArray
) -> None:
    ours, theirs = machines(*n_of_class)
    found = ours.probabilities(x)
    np.testing.assert_allclose(found, theirs.predict_proba(x), rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def on_a_border() -> FloatArray:
    """Between pairs of samples, as near to where a vote tips as single precision can't tell."""
    rng = np.random.default_rng(2)
    ends = [X[rng.integers(len(X), size=100)], X[rng.integers(len(X), size=100)]]
    machine = THEIRS.calibrated_classifiers_[0].estimator
    wins = [machine.decision_function(end).round() for end in ends]
    differ = (wins[0] != wins[1]).any(axis=1)
    lower, upper, at_lower = ends[0][differ], ends[1][differ], wins[0][differ]
    for _ in range(45):
        middle = (lower + upper) / 2
        same = (machine.decision_function(middle).round() == at_lower).all(axis=1, keepdims=True)
        lower, upper = np.where(same, middle, lower), np.where(same, upper, middle)
    return np.concatenate([lower + 1e-7 * (lower - upper), lower, upper])


def test_a_sample_next_to_a_border_gets_the_same_votes_as_in_double_precision() -> None:
    x = on_a_border()
    x = x + 1e-7 * X.std(axis=0) * np.random.default_rng(3).normal(size=x.shape)
    assert len(x) > 100
    found, expected = MACHINE.probabilities(x), THEIRS.predict_proba(x)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def test_certain_of_nothing_is_certain_of_all_alike() -> None:
    hopeless = SupportVectors(
        **{f.name: getattr(MACHINE, f.name) for f in fields(MACHINE) if f.name != "offsets"},
        offsets=np.full(4, 1e6),
    )
    np.testing.assert_array_equal(hopeless.probabilities(UNSEEN[:3]), np.full((3, 4), 0.25))


def test_the_same_on_a_device_of_pytorch() -> None:
    np.testing.assert_array_equal(
        MACHINE.on("cpu").probabilities(UNSEEN), MACHINE.probabilities(UNSEEN)
    )


def test_sent_to_a_worker_it_labels_alike_and_is_no_larger_than_its_arrays() -> None:
    found = MACHINE.probabilities(UNSEEN)
    sent = pickle.dumps(MACHINE)
    arrays = [getattr(MACHINE, field.name) for field in fields(MACHINE)]
    assert len(sent) < sum(a.nbytes for a in arrays if isinstance(a, np.ndarray)) + 2000
    np.testing.assert_array_equal(pickle.loads(sent).probabilities(UNSEEN), found)


def test_inputs_stay_as_they_are() -> None:
    before = UNSEEN.copy()
    MACHINE.probabilities(UNSEEN)
    np.testing.assert_array_equal(UNSEEN, before)
