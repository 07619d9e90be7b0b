import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.made_up.server import small_server
from fedasc.questions.choice import Probed, by_lot, shared_out
from fedasc.questions.evidence import Evidence, Told, joined

RNG = np.random.default_rng(0)
PLACES_DB = np.array([-40, 0, 40], np.float32)
MIXTURE = Mixture(
    np.array([0.5, 0.3, 0.2], np.float32),
    np.repeat(PLACES_DB[:, None], 45, axis=1),
    np.ones((3, 45), np.float32),
)
COMPONENT = np.repeat([0, 1, 2], [50, 30, 20])
X = (MIXTURE.means[COMPONENT] + RNG.standard_normal((100, 45))).astype(np.float32)
TEACHER = np.array([[0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25], [0.05, 0.05, 0.45, 0.45]])
POSTERIORS = TEACHER[COMPONENT]
SAID = np.array([[0, 0, 0, 0], [0, 3, 0, 0], [0, 0, 1, 1]], float)


def told(*days: Evidence, strength: float = 1.0) -> Told:
    return Told((days,), strength)


def test_the_mean_posterior_of_a_component_goes_to_what_was_said_of_it() -> None:
    corrected = told(Evidence(MIXTURE, SAID), strength=2.0).corrected(X, POSTERIORS)
    expected = [
        TEACHER[0],
        (2 * TEACHER[1] + SAID[1]) / (2 + 3),
        (2 * TEACHER[2] + SAID[2]) / (2 + 2),
    ]
    for number in range(3):
        assert corrected[number == COMPONENT] == pytest.approx(
            np.tile(expected[number], (np.sum(number == COMPONENT), 1)), abs=2e-3
        )
    assert corrected.sum(axis=1) == pytest.approx(1)


def test_what_the_teacher_tells_apart_within_a_component_stays_told_apart() -> None:
    """Its word on a sample counts beside the user's on the component."""
    posteriors = np.full((100, 4), 0.25)
    posteriors[:25] = [0.4, 0.2, 0.2, 0.2]
    posteriors[25:50] = [0.1, 0.3, 0.3, 0.3]
    said = np.array([[0, 4, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], float)
    corrected = told(Evidence(MIXTURE, said)).corrected(X, posteriors)
    assert (corrected[:50, 1] > posteriors[:50, 1]).all()
    assert corrected[0, 0] / corrected[0, 2] == pytest.approx(0.4 / 0.2)
    assert corrected[25, 1] > corrected[0, 1]


def test_a_few_answers_are_not_certainty_but_many_nearly_are() -> None:
    once, often = (
        told(Evidence(MIXTURE, n * SAID)).corrected(X, POSTERIORS)[60, 1] for n in (1 / 3, 100)
    )
    assert once == pytest.approx((0.25 + 1) / 2, abs=1e-3)
    assert often > 0.99


def test_without_answers_nothing_is_corrected() -> None:
    nothing = told(Evidence(MIXTURE, np.zeros((3, 4))))
    assert nothing.corrected(X, POSTERIORS) == pytest.approx(POSTERIORS)
    assert joined([(), ()], 1.0) is None


def test_what_was_said_on_several_days_adds_up_and_fades() -> None:
    day = Evidence(MIXTURE, SAID)
    twice = told(day, day).corrected(X, POSTERIORS)
    assert twice == pytest.approx(told(Evidence(MIXTURE, 2 * SAID)).corrected(X, POSTERIORS))
    faded = told(day.faded(0.5)).corrected(X, POSTERIORS)
    assert faded == pytest.approx(told(Evidence(MIXTURE, SAID / 2)).corrected(X, POSTERIORS))


def test_of_several_users_who_lives_there_is_believed() -> None:
    elsewhere = Mixture(
        np.ones(1, np.float32), np.full((1, 45), 300, np.float32), np.ones((1, 45), np.float32)
    )
    of_other = Evidence(elsewhere, np.array([[50.0, 0, 0, 0]]))
    both = Told(((Evidence(MIXTURE, SAID),), (of_other,)), 1.0)
    alone = told(Evidence(MIXTURE, SAID))
    assert both.corrected(X, POSTERIORS) == pytest.approx(alone.corrected(X, POSTERIORS))


def test_who_says_the_same_whatever_it_was_is_not_believed() -> None:
    """Unless most of it was like that to the teacher, too, or she said it a few times only."""
    same = np.zeros((3, 4))
    same[:, 2] = 2
    monotonous = told(Evidence(MIXTURE, same)).corrected(X, POSTERIORS)
    assert monotonous == pytest.approx(POSTERIORS)
    for believed in (same * 2 / 3, same + SAID):
        corrected = told(Evidence(MIXTURE, believed)).corrected(X, POSTERIORS)
        assert corrected[:50, 2].mean() > 2 * POSTERIORS[:50, 2].mean()
    likely = np.tile([0.1, 0.1, 0.7, 0.1], (len(X), 1))
    assert told(Evidence(MIXTURE, same)).corrected(X, likely)[:, 2].mean() > 0.85


PROBED = Probed(MIXTURE, X, POSTERIORS)


def test_doubt_is_weight_times_what_the_first_scene_leaves() -> None:
    assert PROBED.doubt() == pytest.approx([0.5 * 0.3, 0.3 * 0.75, 0.2 * 0.55], abs=1e-3)


def test_change_is_the_length_of_the_gradient_that_is_expected() -> None:
    classifier = small_server().comprehensive
    scores = classifier.logits(X).astype(float)
    given = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = np.zeros(len(X))
    for y in range(4):
        expected += POSTERIORS[:, y] * np.linalg.norm(given - np.eye(4)[y], axis=1)
    by_component = [expected[n == COMPONENT].mean() for n in range(3)]
    assert PROBED.change(classifier) == pytest.approx(MIXTURE.weights * by_component, rel=1e-3)


def test_questions_go_where_the_next_is_worth_most() -> None:
    worth = np.array([6.0, 3.0, 1.0, 0.0])
    most = np.full(4, 100)
    assert shared_out(worth, 3, most=most).tolist() == [2, 1, 0, 0]
    assert shared_out(worth, 10, most=most).tolist() == [6, 3, 1, 0]
    assert shared_out(worth, 10, most=np.array([1, 2, 0, 3])).tolist() == [1, 2, 0, 3]


def test_questions_by_lot_are_of_any_moments() -> None:
    most = np.array([600, 300, 0, 100])
    counts = by_lot(100, most=most, rng=np.random.default_rng(0))
    assert counts.sum() == 100
    assert counts / 100 == pytest.approx([0.6, 0.3, 0, 0.1], abs=0.12)
    assert by_lot(5, most=np.array([1, 2]), rng=np.random.default_rng(0)).tolist() == [1, 2]
