from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.errors import SettingsError
from fedasc.evaluation.scores import confusion
from fedasc.models.embedded import EmbeddedClassifier
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.personalised import PersonalisedStrategy
from fedasc.strategies.shares import ShareAware, counted, expecting, shares_in
from tests.strategies.servers import SERVER
from tests.worlds import same_classifier

EVEN = np.full(4, 0.25)
SKEWED = np.array([0.05, 0.7, 0.2, 0.05])


def test_known_shares_give_known_biases() -> None:
    classifier = SERVER.comprehensive
    made = expecting(classifier, np.array([0.5, 0.25, 0.125, 0.125]), prior=EVEN)
    moved = made.output_biases - classifier.output_biases
    np.testing.assert_allclose(moved, np.log([2, 1, 0.5, 0.5]), atol=1e-6)
    others = {name for name in made.arrays() if name != "output_biases"}
    for name in others:
        np.testing.assert_array_equal(made.arrays()[name], classifier.arrays()[name])


def test_what_it_was_trained_on_is_taken_off() -> None:
    classifier, prior = SERVER.comprehensive, np.array([0.4, 0.2, 0.2, 0.2])
    moved = expecting(classifier, SKEWED, prior=prior).output_biases - classifier.output_biases
    np.testing.assert_allclose(moved, np.log(SKEWED / prior), atol=1e-6)
    same = expecting(classifier, prior, prior=prior)
    np.testing.assert_array_equal(same.output_biases, classifier.output_biases)


def test_shares_are_the_mean_of_probabilities_or_counts_and_none_is_ruled_out() -> None:
    targets = np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0]], np.float32)
    expected = 0.98 * np.array([0.75, 0.25, 0, 0]) + 0.005
    np.testing.assert_allclose(shares_in(targets), expected)
    np.testing.assert_allclose(shares_in(3 * targets), expected)
    np.testing.assert_allclose(counted(np.array([0, 0, 1, 0])), expected)
    np.testing.assert_allclose(shares_in(np.empty((0, 4))), EVEN)


PLACES = np.array([[1.2, 0], [0, 1.2], [-1.2, 0], [0, -1.2]])


def best_of_equals() -> EmbeddedClassifier:
    """Bayes' classifier of scenes around four places that are equally frequent."""
    hidden, outputs = np.zeros((45, 9), np.float32), np.zeros((9, 4), np.float32)
    hidden[:2, :4] = [[1, -1, 0, 0], [0, 0, 1, -1]]  # each coordinate in two parts, for the ReLU
    outputs[:4] = np.stack([PLACES[:, 0], -PLACES[:, 0], PLACES[:, 1], -PLACES[:, 1]])
    ones, zeros = np.ones(45, np.float32), np.zeros(45, np.float32)
    none, even = np.zeros(9, np.float32), np.zeros(4, np.float32)
    return EmbeddedClassifier(
        zeros, ones, ones, zeros, hidden, none, outputs, even, inputs="sequence"
    )


def test_true_shares_help_where_scenes_are_uneven_and_wrong_ones_harm() -> None:
    rng = np.random.default_rng(1)
    scene = rng.choice(4, size=4000, p=SKEWED)
    x = np.zeros((4000, 45), np.float32)
    x[:, :2] = PLACES[scene] + rng.normal(size=(4000, 2))

    def accuracy(shares: NDArray[np.float64]) -> float:
        predicted = expecting(best_of_equals(), shares, prior=EVEN).predict(x)
        return confusion(scene, predicted).accuracy

    even, true, wrong = map(accuracy, (EVEN, counted(scene), SKEWED[[1, 0, 3, 2]]))
    assert wrong + 0.1 < even < true - 0.05


@pytest.mark.parametrize("strategy", [ComprehensiveStrategy, PersonalisedStrategy])
def test_only_who_meets_one_scene_clearly_more_often_gets_another_classifier(
    strategy: type[ShareAware],
) -> None:
    aware = strategy(shares="mixture", clear_share=0.5)
    classifier = SERVER.comprehensive
    for shares in (EVEN, np.array([0.49, 0.49, 0.01, 0.01])):
        assert aware.reckoning(classifier, shares, prior=EVEN) is classifier
    moved = aware.reckoning(classifier, SKEWED, prior=EVEN)
    assert same_classifier(moved, expecting(classifier, SKEWED, prior=EVEN))
    assert strategy().reckoning(classifier, SKEWED, prior=EVEN) is classifier


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"shares": "guessed"}, "shares"),
        ({"clear_share": 0.2}, r"clear_share must be in \[0.25, 1\]"),
        ({"clear_share": float("nan")}, "clear_share"),
    ],
)
@pytest.mark.parametrize("strategy", [ComprehensiveStrategy, PersonalisedStrategy])
def test_refuses_what_can_not_be(
    strategy: type[ShareAware], wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=f"{strategy().name}: {said}"):
        strategy(**wrong)
