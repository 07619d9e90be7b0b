"""Days under attack: of the same recordings as any night's, or of others of the same types."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fedasc.aggregators.content import Content
from fedasc.corpus.parts import USER_PARTS
from fedasc.corpus.windows import Windows, draw_windows
from fedasc.models.hearing import heard_once
from fedasc.models.samples import Samples
from fedasc.privacy.mechanism import Mechanism
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.shelves import FEATURES
from fedasc.simulated import hear

_OTHER_DAY = 3
"""The game that other recordings are drawn for first; whoever draws them anew, draws the same."""


def day(
    scenario: Scenario, index: int, *, night: int = 0, other_recordings: bool = False
) -> Samples:
    """What a user hears before a night; from the cache when it was heard before.

    Args:
        other_recordings: Whether she hears, as often and as long, recordings of the same types that
            she hears on no night: those of her evaluation that aren't familiar.
    """
    if not other_recordings:
        return hear(scenario, index, Purpose.HEARD, night=night)
    user, n_windows = scenario.user(index, night), scenario.listening.n_heard

    def draw() -> Windows:
        material = scenario.library.material(
            USER_PARTS[1], user.surroundings, scenario.sources(index, night).unfamiliar
        )
        rng = scenario.streams.generator(Purpose.PRIVACY, _OTHER_DAY, night, index)
        return draw_windows(material, n_windows, shares=user.shares, rng=rng)

    where = (Purpose.PRIVACY, _OTHER_DAY, USER_PARTS[1], n_windows, night, index)
    return heard_once(
        FEATURES.entry(*scenario.origin, user, *where),
        draw,
        bank=scenario.bank,
        clips=scenario.clips,
        pickup=scenario.pickup(user, Purpose.PRIVACY, _OTHER_DAY, night, index),
    )


def night_contents(
    scenario: Scenario,
    mechanism: Mechanism,
    users: Sequence[int],
    night: int,
    *,
    other_recordings: bool = False,
) -> list[Content]:
    """What users send on a night, each by herself, so that they may be done in chunks.

    Nobody misses the night, and night 1 is there however many nights the scenario has.

    Args:
        users: Their numbers.
        other_recordings: See `day`.
    """
    return [
        sent(
            scenario,
            mechanism,
            index,
            day(scenario, index, night=night, other_recordings=other_recordings).x,
            night=night,
        )
        for index in users
    ]


def sent(
    scenario: Scenario, mechanism: Mechanism, index: int, x: NDArray[np.float32], *, night: int = 0
) -> Content:
    """What a user sends of a day x (n_windows, 45), drawn as on that night of a simulation."""
    seed = scenario.streams.integer(Purpose.SUMMARY, night, index)
    return mechanism.content(x, seed=seed)
