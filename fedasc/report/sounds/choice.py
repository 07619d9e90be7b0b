"""Which windows there are to listen to.

Of windows that a user's own classifier takes for another scene those come first that the teacher
knows: a better classifier would have known them, too. Then come those that even the teacher gets
wrong. Within each of these kinds, profiles and scenes take turns, and so do their users, each with
the next of her windows. Nothing is drawn.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fedasc.evaluation.predictions import Predictions
from fedasc.scenes import N_SCENES

T = TypeVar("T")

N_MOST = 100
"""Windows of a run."""


@dataclass(frozen=True, order=True)
class Chosen:
    """A window.

    Args:
        device: Its number.
        window: Its number among the device's.
    """

    device: int
    window: int


def choose(
    devices: Iterable[tuple[int, str, Predictions]], *, n_most: int = N_MOST
) -> list[Chosen]:
    """Choose windows that the users' own classifiers take for another scene.

    Args:
        devices: In order: number, profile of the user, and what windows were taken for. They are
            looked at once, and few are held.
        n_most: How many to choose.

    Returns:
        In the order of the rule above; fewer where there aren't so many.
    """
    places: list[dict[tuple[str, int], list[Sequence[Chosen]]]] = [{}, {}]
    for device, profile, predictions in devices:
        truth = predictions.truth
        is_wrong = predictions.said["personal"] != truth
        is_known = predictions.said["teacher"] == truth
        for kind, some in zip(places, (is_wrong & is_known, is_wrong & ~is_known), strict=True):
            for scene in range(N_SCENES):
                users = kind.setdefault((profile, scene), [])
                if len(users) < n_most and (here := _first(some & (truth == scene), n_most)):
                    users.append([Chosen(device, window) for window in here])
    every = (_in_turns([[*_in_turns(users)] for users in kind.values()]) for kind in places)
    return [*islice(chain.from_iterable(every), n_most)]


def _first(is_it: NDArray[np.bool_], n_most: int) -> list[int]:
    places: list[int] = np.flatnonzero(is_it)[:n_most].tolist()
    return places


def _in_turns(queues: Sequence[Sequence[T]]) -> Iterator[T]:
    """The first of each, then the second of each that has two, and so on."""
    for turn in zip_longest(*queues):
        yield from (one for one in turn if one is not None)
