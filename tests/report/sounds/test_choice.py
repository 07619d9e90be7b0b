from collections import Counter

import numpy as np

from fedasc.evaluation.predictions import Predictions
from fedasc.report.sounds.choice import Chosen, choose


def said(truth: list[int], personal: list[int], teacher: list[int]) -> Predictions:
    every = {"baseline": personal, "personal": personal, "comprehensive": truth, "teacher": teacher}
    return Predictions.of(np.array(truth), {name: np.array(one) for name, one in every.items()})


def test_those_come_first_that_the_teacher_knows() -> None:
    wrong = said([0, 0, 0, 1], [1, 0, 1, 0], [1, 0, 0, 1])
    assert choose([(7, "U1", wrong)]) == [Chosen(7, 2), Chosen(7, 3), Chosen(7, 0)]


def test_profiles_scenes_and_users_take_turns() -> None:
    noise = said([0] * 4, [1] * 4, [0] * 4)
    both = said([0, 0, 2, 2], [1, 1, 1, 1], [0, 0, 2, 2])
    chosen = choose([(0, "near", noise), (1, "near", both), (2, "far", noise)], n_most=8)
    assert chosen == [
        *(Chosen(0, 0), Chosen(1, 2), Chosen(2, 0)),  # near noise, near speech, far noise
        *(Chosen(1, 0), Chosen(1, 3), Chosen(2, 1)),
        *(Chosen(0, 1), Chosen(2, 2)),
    ]


def test_no_more_are_chosen_or_held_than_asked_for() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(4, size=200).tolist()
    wrong = said(truth, [(scene + 1) % 4 for scene in truth], truth)
    chosen = choose((device, f"U{device % 5}", wrong) for device in range(60))
    assert len(set(chosen)) == 100
    scenes = Counter(truth[one.window] for one in chosen)
    assert {*scenes.values()} == {25}
    assert {*Counter(one.device % 5 for one in chosen).values()} == {20}
    assert max(Counter(one.device for one in chosen).values()) <= 4


def test_where_nothing_is_wrong_there_is_nothing_to_listen_to() -> None:
    assert choose([(0, "U1", said([0, 1], [0, 1], [1, 0]))]) == []
    assert choose([]) == []
