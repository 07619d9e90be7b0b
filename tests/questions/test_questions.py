from typing import Any

import numpy as np
import pytest

from fedasc.aggregators.mixture import Mixture
from fedasc.errors import MessageError
from fedasc.questions.moments import ask
from fedasc.questions.questions import Answers, Questions
from fedasc.scenes import Scene

N = 3
PLACES_DB = (-40.0, 0.0, 40.0)
MIXTURE = Mixture(
    np.full(N, 1 / N, np.float32),
    np.repeat(np.array(PLACES_DB, np.float32)[:, None], 45, axis=1),
    np.ones((N, 45), np.float32),
)
SCENES = (Scene.MUSIC, Scene.NOISE, Scene.SPEECH)
"""Of all windows of each component."""


def questions(*counts: int) -> Questions:
    return Questions(night=0, mixture=MIXTURE, counts=np.array(counts, np.uint8))


def day(*n_windows: int) -> tuple[Any, Any]:
    """So many windows of each component, mixed up, and their scenes."""
    rng = np.random.default_rng(0)
    component = rng.permutation(np.repeat(np.arange(N), n_windows))
    x = MIXTURE.means[component] + rng.standard_normal((len(component), 45), np.float32)
    return x, np.array(SCENES)[component]


def said(asked: Questions, *n_windows: int) -> Answers:
    x, scene = day(*n_windows)
    return ask(x, asked, lambda window: int(scene[window]), rng=np.random.default_rng(1))


def test_a_user_is_asked_about_so_many_moments_of_each_component() -> None:
    answers = said(asked := questions(2, 0, 3), 20, 20, 20)
    answers.check(asked)
    assert answers.counts.tolist() == [[0, 2, 0, 0], [0, 0, 3, 0]]
    by_component = answers.by_component(asked)
    assert by_component.tolist() == [[0, 2, 0, 0], [0, 0, 0, 0], [0, 0, 3, 0]]
    assert (answers.n_answers, answers.n_bytes) == (5, 8)


def test_no_moment_is_asked_about_twice() -> None:
    x, _ = day(4, 1, 20)
    windows: list[int] = []
    answers = ask(x, questions(10, 2, 1), windows.append, rng=np.random.default_rng(1))
    assert len(windows) == len(set(windows)) == 4 + 1 + 1
    assert answers.n_answers == 0


def test_moments_are_any_of_their_component() -> None:
    x, _ = day(50, 10, 10)
    asked: set[int] = set()
    for seed in range(60):
        ask(x, questions(1, 0, 0), asked.add, rng=np.random.default_rng(seed))
    of_first = np.flatnonzero(MIXTURE.component_of(x) == 0)
    assert asked <= {*of_first.tolist()}
    assert len(asked) > 25


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        (np.zeros((1, 4), np.uint8), "expected those of 2 components, got 1"),
        (np.full((2, 4), 1, np.uint8), "more of a component than it was asked about"),
        (np.array([[255] * 4, [0] * 4], np.uint8), "more of a component"),
    ],
)
def test_answers_to_anything_else_are_refused(counts: Any, told: str) -> None:
    with pytest.raises(MessageError, match=told):
        Answers(counts).check(questions(2, 0, 1))


@pytest.mark.parametrize("counts", [np.zeros((1, 3), np.uint8), np.zeros((1, 4)), np.zeros(4)])
def test_answers_are_counts_of_scenes(counts: Any) -> None:
    with pytest.raises(MessageError, match="answers: expected"):
        Answers(counts)


@pytest.mark.parametrize("counts", [(0, 0, 0), (100, 1, 0), (1, 1)])
def test_questions_are_some_but_not_too_many(counts: tuple[int, ...]) -> None:
    with pytest.raises(MessageError, match="questions: expected"):
        questions(*counts)
