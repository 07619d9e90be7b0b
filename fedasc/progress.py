"""How long work tells how far it is: the library counts, the command line draws."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of a phase, the steps done and their total."""


def quiet(phase: str, done: int, total: int) -> None:
    """Tells nobody."""


class InParts:
    """Progress of work in parts, told as if all of them were like the one at hand.

    Args:
        progress: Of the whole.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._part, self._n_parts = 0, 1

    def at(self, part: int, n_parts: int) -> None:
        """From now on it's about this part, counted from 0."""
        self._part, self._n_parts = part, n_parts

    def __call__(self, phase: str, done: int, total: int) -> None:
        self._progress(phase, self._part * total + done, self._n_parts * total)
