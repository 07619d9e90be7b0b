"""Who labels, and who is asked of what is nearly certain."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fedasc.audio import FloatArray
from fedasc.models.student import Student
from fedasc.server import Server
from fedasc.strategies.artificial import Artificial, label_artificial
from fedasc.strategies.comprehensive import ComprehensiveStrategy
from fedasc.strategies.drawing import Endless
from fedasc.strategies.personalised import PersonalisedStrategy
from tests.models.test_student import student
from tests.strategies.servers import PAPER, SERVER, WatchedTeacher, served


@dataclass(frozen=True)
class Word:
    """Gives the first scene a fixed probability, or one by the first feature."""

    certainty: float | None = None
    asked: list[NDArray[Any]] = field(default_factory=list)

    def probabilities(self, x: NDArray[Any]) -> FloatArray:
        self.asked.append(x)
        first = x[:, 0].astype(float) if self.certainty is None else np.full(len(x), self.certainty)
        return np.stack([first, *[(1 - first) / 3] * 3], axis=1)

    def on(self, device: str) -> "Word":
        return self

    def save(self, path: Any) -> None:
        raise NotImplementedError


def block(firsts: list[float]) -> NDArray[np.float32]:
    x = np.zeros((len(firsts), 45), np.float32)
    x[:, 0] = firsts
    return x


FIRSTS = [0.5, 0.7, 0.8, 0.95]


def labelled(arbiter: Word | None, *, certainty: float, **settings: Any) -> Artificial:
    draw = Endless(partial(lambda n: block(FIRSTS)[:n]))
    (one,) = label_artificial(
        Word(),
        [draw],
        n_wanted=4,
        certainty=certainty,
        soft=True,
        max_draws=1,
        arbiter=arbiter,
        **settings,
    )
    return one


def test_an_arbiter_is_asked_of_what_lies_near_the_threshold_and_of_nothing_else() -> None:
    for word, kept in ((0.1, [0.95]), (0.9, [0.7, 0.8, 0.95])):
        arbiter = Word(word)
        found = labelled(arbiter, certainty=0.75)
        np.testing.assert_allclose(np.concatenate(arbiter.asked)[:, 0], [0.7, 0.8])
        np.testing.assert_allclose(found.samples.x[:, 0], kept)
        assert found.samples.targets()[-1, 0] == np.float32(0.95)
        assert found.samples.targets()[0, 0] == np.float32(max(word, 0.9) if word > 0.5 else 0.95)
    np.testing.assert_allclose(labelled(None, certainty=0.75).samples.x[:, 0], [0.8, 0.95])


def test_what_it_says_is_corrected_like_all_else() -> None:
    seen = []

    def correct(x: NDArray[np.float32], probabilities: FloatArray) -> FloatArray:
        seen.append(probabilities.copy())
        return probabilities

    labelled(Word(0.9), certainty=0.75, corrections=[correct])
    np.testing.assert_allclose(seen[0][:, 0], FIRSTS, atol=1e-6)
    np.testing.assert_allclose(seen[1][:, 0], [0.5, 0.9, 0.9, 0.95], atol=1e-6)


def with_student(one: Student) -> tuple[Server, WatchedTeacher]:
    teacher = WatchedTeacher(SERVER.teacher)
    return replace(SERVER, teacher=teacher, student=one), teacher


def test_the_student_labels_what_devices_tell_of_and_the_teacher_is_not_asked() -> None:
    server, teacher = with_student(student(8))
    found = served(PersonalisedStrategy(n_epochs=2), server=server)
    served(ComprehensiveStrategy(shares="mixture"), server=server)
    assert teacher.n_labelled == []
    other = served(PersonalisedStrategy(n_epochs=2))
    assert found[0].tally != other[0].tally


def test_where_it_must_be_certain_the_teacher_is_asked_of_some() -> None:
    one = student(8)
    doubtful = replace(one, weights=(*one.weights[:-1], (one.weights[-1] / 10).astype(np.float32)))
    server, teacher = with_student(doubtful)
    served(PersonalisedStrategy(**{**PAPER, "certainty": 0.5}), server=server)
    assert sum(teacher.n_labelled) > 0


def test_a_student_that_is_too_far_off_labels_nothing() -> None:
    server, teacher = with_student(replace(student(8), disagreement=0.2))
    served(PersonalisedStrategy(n_epochs=2), server=server)
    assert sum(teacher.n_labelled) > 0
