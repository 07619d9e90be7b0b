import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from fedasc.errors import SettingsError
from fedasc.models.samples import Samples, TrainingSet
from fedasc.models.self_training import SelfTraining
from fedasc.models.training import EmbeddedSettings, train
from tests.aggregators.days import classifier, heard

CLASSIFIER = classifier(sharpness=8)
X = heard(400)


def same(one: Any, other: Any) -> bool:
    return all(
        array.tobytes() == other.arrays()[name].tobytes() for name, array in one.arrays().items()
    )


def test_takes_the_windows_that_the_classifier_is_certain_of_and_its_own_labels() -> None:
    found = SelfTraining(certainty=0.8).certain(CLASSIFIER, X)
    beliefs = softmax(CLASSIFIER.logits(X), axis=1)
    assert 50 < len(found) < 350
    np.testing.assert_array_equal(found.x, X[beliefs.max(axis=1) >= 0.8])
    np.testing.assert_array_equal(found.scene, CLASSIFIER.predict(found.x))


def test_trains_on_them_from_the_classifier_on() -> None:
    training = SelfTraining(certainty=0.8, n_epochs=3, learning_rate=0.002, batch_size=16)
    found = training.train(CLASSIFIER, X, seed=5)
    own = training.certain(CLASSIFIER, X)
    settings = EmbeddedSettings(
        inputs=CLASSIFIER.inputs,
        n_epochs=3,
        learning_rate=0.002,
        dropout=0.05,
        batch_size=16,
        keep="last",
        n_restarts=1,
    )
    sequence = np.random.SeedSequence(5)
    samples = TrainingSet(own, Samples.none(45))
    assert same(found, train(settings, samples, seed=sequence, start=CLASSIFIER))
    assert same(found, training.train(CLASSIFIER, X, seed=sequence))
    assert not same(found, training.train(CLASSIFIER, X, seed=6))
    assert not same(found, CLASSIFIER)


def test_grows_more_certain_of_what_it_learnt() -> None:
    training = SelfTraining(certainty=0.8)
    found = training.train(CLASSIFIER, X, seed=0)
    own = training.certain(CLASSIFIER, X)
    before, after = (softmax(each.logits(own.x), axis=1) for each in (CLASSIFIER, found))
    rows = np.arange(len(own))
    assert np.log(after[rows, own.scene]).mean() > np.log(before[rows, own.scene]).mean()


@pytest.mark.parametrize("n_windows", [2, 31])
def test_is_the_same_classifier_where_less_than_a_batch_is_certain(n_windows: int) -> None:
    training = SelfTraining(certainty=0.0, batch_size=32)
    assert training.train(CLASSIFIER, X[:n_windows], seed=0) is CLASSIFIER
    assert training.train(CLASSIFIER, X[:32], seed=0) is not CLASSIFIER
    doubtful = classifier()
    assert SelfTraining(certainty=1.0).train(doubtful, X, seed=0) is doubtful


@pytest.mark.parametrize(
    "wrong",
    [
        {"certainty": -0.1},
        {"certainty": 1.1},
        {"n_epochs": 0},
        {"learning_rate": 0.0},
        {"batch_size": 1},
    ],
)
def test_refuses_settings_out_of_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"self-trained: .*{next(iter(wrong))}"):
        SelfTraining(**wrong)


def test_devices_need_no_torch() -> None:
    code = "import sys, fedasc.models.self_training; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
