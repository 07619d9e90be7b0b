"""Games: what an attack on membership is tried on. Who is in is drawn by named streams."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from fedasc.corpus.windows import Windows
from fedasc.errors import SettingsError
from fedasc.scenario import Scenario

_NONE = np.empty(0, np.int64)
NO_WINDOWS = Windows(scene=_NONE, clip=_NONE, start=_NONE, noise=_NONE, snr_db=np.empty(0))
"""To add others to."""


class Game(IntEnum):
    """The first number in the address of a game's streams: never reuse or reorder."""

    WINDOWS = 0
    RECORDINGS = 1
    USER_DAYS = 2


@dataclass(frozen=True, kw_only=True)
class GameSettings:
    """How games are played.

    Args:
        n_releases: Of each user; each is judged by the others, so three at least.
        n_canaries: Windows of recordings that are heard nowhere else; as many as there are such
            recordings, if these are fewer.
        n_probes: Windows of a recording that the attacker holds.
        n_heard: Windows of a day; the scenario's if None.

    Raises:
        SettingsError: If a value can't be used.
    """

    n_releases: int = 12
    n_canaries: int = 32
    n_probes: int = 8
    n_heard: int | None = None

    def __post_init__(self) -> None:
        if self.n_releases < 3:
            raise SettingsError(
                f"privacy: n_releases must be at least 3, got {self.n_releases}; each is judged by "
                "the others"
            )
        if self.n_canaries < 0 or self.n_probes < 1:
            raise SettingsError("privacy: n_canaries must be at least 0, n_probes at least 1")
        if self.n_heard is not None and self.n_heard < 2:
            raise SettingsError(f"privacy: n_heard must be at least 2, got {self.n_heard}")

    def heard(self, scenario: Scenario) -> int:
        """Windows of a day in a scenario."""
        return self.n_heard or scenario.listening.n_heard
