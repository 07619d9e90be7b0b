"""What an audit tries, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from fedasc.errors import SettingsError
from fedasc.privacy.game import GameSettings

Unit = Literal["window", "recording", "user-day"]
UNITS: tuple[Unit, ...] = get_args(Unit)
"""What an attacker is after: whether a window was heard, a recording, or by whom a day was."""

GAMES: Mapping[str, Unit] = {
    "linkage": "user-day",
    "classifiers": "user-day",
    "user days": "user-day",
    "recordings": "recording",
    "windows": "window",
    "claims": "window",
}
"""Games by name, with the unit that each is about; those that take long first."""

_OF_EACH = ("recordings", "windows")
"""Games on every user by herself."""


class Game(NamedTuple):
    """One attack on one user, or on many at once.

    Args:
        name: See `GAMES`.
        user: Who is attacked; None for many.
    """

    name: str
    user: int | None = None


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """What an audit tries, and how often.

    Args:
        n_repetitions: How many of the repetitions are audited, the first ones; 0 for none.
        n_users: Whose windows and recordings are sought, in each.
        n_pooled: Users of whom half are pooled, in search of who is among them.
        n_matched: Users whose classifiers are matched to what they sent.
        n_crowds: On how many of these repetitions games are played that take many users.
        n_linked: Among how many users tonight's sender is looked for; the largest is how many are
            simulated.
        units: What an attacker is after.
        games: How membership games go.

    Raises:
        SettingsError: If a value can't be used.
    """

    n_repetitions: int = 2
    n_users: int = 6
    n_pooled: int = 20
    n_matched: int = 12
    n_crowds: int = 2
    n_linked: tuple[int, ...] = (50, 200)
    units: tuple[str, ...] = UNITS
    games: GameSettings = field(default_factory=GameSettings)

    def __post_init__(self) -> None:
        least = {"n_repetitions": 0, "n_crowds": 1, "n_users": 1, "n_pooled": 4, "n_matched": 2}
        for name, n in least.items():
            if getattr(self, name) < n:
                raise SettingsError(
                    f"privacy: {name} must be at least {n}, got {getattr(self, name)}"
                )
        if not self.n_linked or min(self.n_linked) < 2:
            raise SettingsError(
                f"privacy: n_linked must name numbers of users from 2 on, got {self.n_linked}"
            )
        for unit in self.units:
            if unit not in UNITS:
                raise SettingsError(f"privacy: no unit {unit!r}; name some of {', '.join(UNITS)}")
        if not self.units:
            raise SettingsError(f"privacy: name a unit at least, of {', '.join(UNITS)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Of the games that are played."""
        return tuple(name for name, unit in GAMES.items() if unit in self.units)

    def games_named(self, name: str, repetition: int) -> tuple[Game, ...]:
        """The games of a name that a repetition has."""
        if name in _OF_EACH:
            n, games = self.n_repetitions, tuple(Game(name, user) for user in range(self.n_users))
        else:
            n, games = 1 if name == "claims" else self.n_crowds, (Game(name),)
        return games if repetition < n else ()

    def n_needed(self, name: str) -> int:
        """Users without whom a game can't be played."""
        many = {
            "linkage": max(self.n_linked),
            "classifiers": self.n_matched,
            "user days": self.n_pooled,
        }
        return many.get(name, self.n_users)

    def inputs(self, name: str) -> tuple[Any, ...]:
        """What of the plan a game's outcome depends on."""
        of_many: dict[str, tuple[Any, ...]] = {
            "linkage": (self.n_linked,),
            "classifiers": (self.n_matched,),
            "user days": (self.n_pooled, self.games),
            "recordings": (self.n_users, self.games),  # each is told beside the others
            "claims": (),
        }
        return of_many.get(name, (self.games,))
