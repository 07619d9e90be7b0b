import pickle

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from fedasc.audio import FloatArray
from fedasc.models.correction import Correction, Isotonic, Rising, Temperature
from fedasc.scenes import N_SCENES


class AsTold(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A classifier whose inputs are the probabilities that it gives."""

    def __init__(self) -> None:
        self.classes_ = np.arange(N_SCENES)

    def fit(self, x: FloatArray, scene: NDArray[np.int64]) -> "AsTold":
        return self

    def predict(self, x: FloatArray) -> NDArray[np.int64]:
        scenes: NDArray[np.int64] = x.argmax(axis=1)
        return scenes

    def predict_proba(self, x: FloatArray) -> FloatArray:
        return x


def told(n_samples: int, *, seed: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Exaggerated probabilities, some of them 0 and 1, and the truth."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(n_samples, N_SCENES))
    chances = softmax(logits, axis=1).cumsum(axis=1)
    scene = (rng.uniform(size=(n_samples, 1)) > chances[:, :-1]).sum(axis=1)
    probabilities = softmax(3 * logits, axis=1).round(2)
    return probabilities / probabilities.sum(axis=1, keepdims=True), scene


KNOWN, UNSEEN = told(1000, seed=1), told(3000, seed=2)[0]
TEMPERATURE, ISOTONIC = Temperature.fitted(*KNOWN), Isotonic.fitted(*KNOWN)


def by_scikit_learn(method: str) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(FrozenEstimator(AsTold()), method=method).fit(*KNOWN)


def test_rising_functions_are_those_of_scikit_learn() -> None:
    expected = by_scikit_learn("isotonic").predict_proba(UNSEEN)
    np.testing.assert_allclose(ISOTONIC(UNSEEN), expected, rtol=0, atol=1e-12)


def test_a_temperature_does_what_that_of_scikit_learn_does_and_is_the_same_nearly() -> None:
    """Nearly, since a minimum is flat: seven digits of where it lies are all one gets from it."""
    model = by_scikit_learn("temperature")
    factor = float(model.calibrated_classifiers_[0].calibrators[0].beta_)
    expected = model.predict_proba(UNSEEN)
    np.testing.assert_allclose(Temperature(factor)(UNSEEN), expected, rtol=0, atol=1e-12)
    assert TEMPERATURE.factor == pytest.approx(factor, rel=1e-6)


def test_a_temperature_has_its_bounds() -> None:
    """Who is always right can't be certain enough; who is always wrong, never too uncertain."""
    sure = np.eye(N_SCENES) * 0.6 + 0.1
    assert Temperature.fitted(sure, np.arange(N_SCENES)).factor == pytest.approx(22026)
    wrong = Temperature.fitted(sure, np.arange(N_SCENES)[::-1])
    assert wrong.factor == pytest.approx(1 / 22026)


@pytest.mark.parametrize("correction", [TEMPERATURE, ISOTONIC], ids=["temperature", "isotonic"])
def test_a_sample_minds_no_company_and_copies_do_the_same(correction: Correction) -> None:
    whole = correction(UNSEEN)
    for some in (slice(0, 1), slice(5, 8), slice(2990, 3000), slice(None, None, -1)):
        np.testing.assert_array_equal(correction(UNSEEN[some]), whole[some])
    np.testing.assert_array_equal(correction(np.asfortranarray(UNSEEN)), whole)
    assert correction(UNSEEN[:0]).shape == (0, N_SCENES)
    copy = pickle.dumps(correction)
    assert len(copy) < 20_000
    np.testing.assert_array_equal(pickle.loads(copy)(UNSEEN), whole)


def test_a_rising_function_runs_straight_from_threshold_to_threshold() -> None:
    rising = Rising(np.array([0.1, 0.3, 0.7]), np.array([0.0, 0.5, 1.0]))
    x = np.array([0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0])
    np.testing.assert_allclose(rising(x), [0, 0, 0.25, 0.5, 0.75, 1, 1], rtol=0, atol=1e-15)
    assert rising(x).max() == 1
    assert Rising(np.array([0.4]), np.array([0.2]))(x).tolist() == [0.2] * len(x)


def test_where_every_function_says_nothing_all_scenes_are_as_probable() -> None:
    late = Rising(np.array([0.4, 0.8]), np.array([0.0, 1.0]))
    correction = Isotonic((late,) * N_SCENES)
    probabilities = correction(np.array([[0.3, 0.3, 0.2, 0.2], [0.8, 0.2, 0.0, 0.0]]))
    assert probabilities.tolist() == [[0.25] * 4, [1, 0, 0, 0]]


def test_a_scene_that_never_came_up_is_never_told() -> None:
    probabilities, scene = KNOWN
    correction = Isotonic.fitted(probabilities[scene < 3], scene[scene < 3])
    assert not correction(UNSEEN)[:, 3].any()
