"""The users of a night whose summaries are pooled, of whom half take part in each release."""

import numpy as np
from numpy.typing import NDArray

from fedasc.errors import SettingsError
from fedasc.privacy.game import Game
from fedasc.scenario import Scenario
from fedasc.seeds import Purpose
from fedasc.simulated import hear

N_HELD = 100
"""Windows of another day of each user that the attacker holds."""


def users_in(scenario: Scenario, release: int, *, n_users: int) -> NDArray[np.int64]:
    """(n_users // 2,) users whose summaries are pooled in a release, in order.

    Raises:
        SettingsError: If that is nobody, or there are fewer users.
    """
    if not 2 <= n_users <= len(scenario.users):
        raise SettingsError(
            f"privacy: of {len(scenario.users)} users between 2 and all can take part in the game "
            f"of user days, got {n_users}"
        )
    rng = scenario.streams.generator(Purpose.PRIVACY, Game.USER_DAYS, 0, release)
    return np.sort(rng.permutation(n_users)[: n_users // 2])


def held(scenario: Scenario, index: int) -> NDArray[np.float32]:
    """(n_held, 45) what the attacker holds of a user: windows of the day before the next night."""
    x: NDArray[np.float32] = hear(scenario, index, Purpose.HEARD, night=1).x[:N_HELD]
    return x
