import numpy as np
import pytest

from fedasc.errors import SettingsError
from fedasc.questions.user import AnswersSettings
from fedasc.scenes import N_SCENES, Scene
from fedasc.seeds import Streams

STREAMS = Streams(3)
N_USERS, N_ASKED = 40, 200


def said(settings: AnswersSettings, *, night: int = 0) -> list[list[int | None]]:
    """What every user says of moments of music."""
    users = [settings.user(index, night, streams=STREAMS) for index in range(N_USERS)]
    return [[user.says(Scene.MUSIC) for _ in range(N_ASKED)] for user in users]


def test_users_are_right_unless_told_otherwise() -> None:
    assert said(AnswersSettings()) == [[Scene.MUSIC] * N_ASKED] * N_USERS


def test_some_questions_are_not_answered_and_some_wrongly_by_any_other_scene() -> None:
    words = [word for some in said(AnswersSettings(replied=1 / 3, wrong=0.2)) for word in some]
    answers = np.array([word for word in words if word is not None])
    assert len(answers) / len(words) == pytest.approx(1 / 3, abs=0.03)
    shares = np.bincount(answers, minlength=N_SCENES) / len(answers)
    expected = [0.8 if scene == Scene.MUSIC else 0.2 / 3 for scene in Scene]
    assert shares == pytest.approx(expected, abs=0.03)


def test_who_is_silent_or_lazy_stays_so() -> None:
    settings = AnswersSettings(silent=0.3, lazy=0.2)
    kinds = [tuple(set(words)) for words in said(settings)]
    assert kinds == [tuple(set(words)) for words in said(settings, night=5)]
    n_silent, n_lazy = kinds.count((None,)), kinds.count((Scene.SPEECH,))
    assert n_silent / N_USERS == pytest.approx(0.3, abs=0.15)
    assert n_lazy / N_USERS == pytest.approx(0.2, abs=0.15)
    assert n_silent + n_lazy + kinds.count((Scene.MUSIC,)) == N_USERS


def test_who_is_silent_with_few_is_so_with_more() -> None:
    few, more = (said(AnswersSettings(silent=share)) for share in (0.2, 0.5))
    silent = [[words[0] is None for words in some] for some in (few, more)]
    assert 0 < sum(silent[0]) < sum(silent[1])
    assert all(later for earlier, later in zip(*silent, strict=True) if earlier)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"replied": 1.1}, "replied must lie between 0 and 1"),
        ({"wrong": float("nan")}, "wrong"),
        ({"silent": 0.6, "lazy": 0.5}, "must be 1 at most together, got 1.1"),
    ],
)
def test_shares_that_cannot_be_are_refused(values: dict[str, float], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        AnswersSettings(**values)
