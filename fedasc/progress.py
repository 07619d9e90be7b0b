"""How long work tells how far it is: the library counts, the command line draws."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of a phase, the steps done and their total."""


def quiet(phase: str, done: int, total: int) -> None:
    """Tells nobody."""
