"""States: where it is kept what nights have left, of devices that are served together."""

from collections.abc import Mapping
from typing import Protocol

from fedasc.night import BEGINNING, Night, State


class States(Protocol):
    """What nights have left, by place in the order in which devices are served."""

    def state(self, place: int) -> State:
        """What there is; the beginning where no night has ended."""
        ...

    def keep(self, place: int, night: Night, state: State) -> None:
        """Keep what a night, or a cohort of it, has brought and left; before observers are called.

        Args:
            state: That before the night, if further cohorts are served together with this one.
        """
        ...


class InMemory:
    """States in this process.

    Args:
        known: Those that there are.
    """

    def __init__(self, known: Mapping[int, State] | None = None) -> None:
        self._known = dict(known or {})

    def state(self, place: int) -> State:
        return self._known.get(place, BEGINNING)

    def keep(self, place: int, night: Night, state: State) -> None:
        self._known[place] = state
