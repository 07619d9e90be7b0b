"""Moments of a day that a device asks its user about. Never imports torch."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fedasc.questions.questions import Answers, Questions
from fedasc.scenes import N_SCENES


def ask(
    x: NDArray[np.float32],
    questions: Questions,
    says: Callable[[int], int | None],
    *,
    rng: np.random.Generator,
) -> Answers:
    """Ask a user what some moments of a day were, and count what she says by component.

    A moment of a component is any window that most likely is of it; none is asked about twice.

    Args:
        x: (n_windows, 45) in dB, of the day that the questions are about.
        questions: How many moments of each component.
        says: The scene that she names of a window, by its number; None if she doesn't answer.
        rng: Of the choice of moments.
    """
    component = questions.mixture.component_of(x)
    asked = np.flatnonzero(questions.counts)
    counts = np.zeros((len(asked), N_SCENES), np.uint8)
    for row, number in enumerate(asked):
        windows = rng.permutation(np.flatnonzero(component == number))
        for window in windows[: questions.counts[number]]:
            scene = says(int(window))
            if scene is not None:
                counts[row, scene] += 1
    return Answers(counts)
