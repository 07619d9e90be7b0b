"""The conditions under which users may live: cells of a map, and the axes that it has."""

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import product
from typing import Any

from fedasc.errors import SettingsError

ALL = "all"
"""In place of a number of sources: whatever the profile has."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """How users live: a cell of the map. Each has settings of `fedasc.settings.Settings` behind it.

    Args:
        familiarity: Share of the evaluation windows that are made of what was heard by day.
        sources: Recordings that a user hears: a fifth of them speech, of the others half noise and
            half music, and one of each at least; or "all".
        evenness: Concentration of the four scenes' shares; the larger, the more even.
        answers: Questions that a user answers.
        heard: Windows of a day.
        users: In each repetition.
    """

    familiarity: float
    sources: int | str
    evenness: float
    answers: int
    heard: int
    users: int

    @property
    def words(self) -> tuple[str, ...]:
        """Every axis with its value."""
        return tuple(f"{axis}={word(getattr(self, axis))}" for axis in AXES)

    def changes(self) -> dict[str, Any]:
        """What a settings file would say for it, but for the answers."""
        users: dict[str, Any] = {
            "familiarity": self.familiarity,
            "share_concentration": self.evenness,
            "n_sources": _by_label(self.sources),
        }
        return {"n_clients": self.users, "listening": {"n_heard": self.heard}, "users": users}


AXES = tuple(field.name for field in fields(Condition))
"""Of the map."""


def word(value: float | str) -> str:
    """A value of an axis, as it stands in labels."""
    return value if isinstance(value, str) else f"{value:g}"


def _by_label(sources: int | str) -> dict[str, int]:
    if isinstance(sources, str):
        return {}
    n_speech = max(1, round(sources / 5))
    n_music = (sources - n_speech) // 2
    return {"noise": sources - n_speech - n_music, "music": n_music, "speech": n_speech}


@dataclass(frozen=True, kw_only=True)
class WhenPlan:
    """The map: every combination of the values of its axes, which `Condition` explains.

    Args:
        n_repetitions: Each splits the corpus anew by group.

    Raises:
        SettingsError: If an axis has no value or one twice, or there can be no such sources.
    """

    n_repetitions: int = 10
    familiarity: tuple[float, ...] = (0.0, 0.5, 1.0)
    sources: tuple[int | str, ...] = (3, 15)
    evenness: tuple[float, ...] = (2.0,)
    answers: tuple[int, ...] = (0, 10)
    heard: tuple[int, ...] = (1000,)
    users: tuple[int, ...] = (4,)

    def __post_init__(self) -> None:
        if self.n_repetitions < 1:
            raise SettingsError(f"n_repetitions must be at least 1, got {self.n_repetitions}")
        for axis in AXES:
            values = getattr(self, axis)
            if not values or len(set(values)) < len(values):
                raise SettingsError(f"{axis} must be different values, one at least, got {values}")
        for sources in self.sources:
            if sources != ALL and (isinstance(sources, str) or sources < 3):
                raise SettingsError(
                    f"sources must be 3 or more, one of each label, or {ALL!r}, got {sources!r}"
                )
        if min(self.answers) < 0:
            raise SettingsError(f"answers must not be negative, got {min(self.answers)}")

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them; the last axis changes fastest."""
        values = (getattr(self, axis) for axis in AXES)
        return tuple(Condition(**dict(zip(AXES, some, strict=True))) for some in product(*values))

    @property
    def varied(self) -> tuple[str, ...]:
        """Axes with more than one value."""
        return tuple(axis for axis in AXES if len(getattr(self, axis)) > 1)
