"""A corpus of which nobody hears a sound: windows have features that tell their recording."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from fedasc.corpus.library import Library
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import Windows
from fedasc.models import hearing
from fedasc.population.sources import SourceCounts
from fedasc.scenario import ListeningSettings, Scenario
from tests.worlds import tiny_world

N_GROUPS = 64
"""Of each label, by day and elsewhere each."""

_TYPES = {"noise": ("fan", "dishes"), "music": ("pop",), "speech": ("adult", "child")}
_LEVELS_DB = {"noise": -60.0, "music": -40.0, "speech": -20.0}
_N_WAYS, _BETWEEN_DB, _WITHIN_DB = 3, 6.0, 0.4


def library() -> Library:
    """Of each type of each part, recordings of which every other one has three clips."""
    rows = [
        (part, label, kind, f"{part}/{kind}/{group}")
        for part in USER_PARTS
        for label, kinds in _TYPES.items()
        for kind in kinds
        for group in range(N_GROUPS // len(kinds))
        for _ in range(1 + 2 * (group % 2))
    ]
    parts, labels, types, groups = zip(*rows, strict=True)
    domains = tuple("domestic" if label == "noise" else "" for label in labels)
    return Library(parts, labels, domains, types, ((),) * len(rows), groups)


def scenario(n_heard: int = 400) -> Scenario:
    """Whose users all hear noise, music and speech of `library`."""
    world = tiny_world().scenario
    return replace(
        world,
        users=tuple(
            replace(user, surroundings=world.users[0].surroundings) for user in world.users
        ),
        library=library(),
        listening=ListeningSettings(n_heard=n_heard, n_evaluation=20),
    )


def few(world: Scenario) -> Scenario:
    """The same users, who hear few recordings: of music a single one, of speech an odd number."""
    counts = SourceCounts(noise=4, music=1, speech=3)
    return replace(world, users=tuple(replace(user, n_sources=counts) for user in world.users))


@cache
def _means() -> NDArray[np.float64]:
    """(n_clips, 45) of the recording of each clip, which differ in few ways."""
    rng, them = np.random.default_rng(1), library()
    ways = np.linalg.qr(rng.normal(size=(45, _N_WAYS)))[0].T
    effects = {
        group: _BETWEEN_DB * rng.normal(size=_N_WAYS) @ ways for group in sorted(set(them.groups))
    }
    levels_db = [_LEVELS_DB[label] for label in them.labels]
    means: NDArray[np.float64] = np.array([effects[group] for group in them.groups])
    means += np.array(levels_db)[:, None]
    return means


def heard_as_drawn(patch: pytest.MonkeyPatch) -> None:
    """Features of windows are a mean of the recording and a deviation from it, mixed if they are.

    The deviation is drawn by where windows start: the same one sounds the same again.
    """

    def listen(bank: object, clips: object, windows: Windows, **_: object) -> NDArray[np.float32]:
        means = _means()[windows.clip]
        mixed = windows.noise >= 0
        means[mixed] = (3 * means[mixed] + _means()[windows.noise[mixed]]) / 4
        deviations = [np.random.default_rng([2, start]).normal(size=45) for start in windows.start]
        return (means + _WITHIN_DB * np.array(deviations)).astype(np.float32)

    patch.setattr(hearing, "listen", listen)
