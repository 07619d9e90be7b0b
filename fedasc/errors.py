"""The errors that fedasc raises on purpose.

Each message says what was expected, what came, and what to do. The command line turns any of
them into one line and exit code 2; every other exception is a defect.
"""

import traceback
from typing import Any


class FedascError(Exception):
    """Root of all errors that a user can cause and cure.

    Examples:
        >>> import fedasc
        >>> try:
        ...     fedasc.Settings(n_clients=0)
        ... except fedasc.FedascError as error:
        ...     print(error)
        clients must be at least 1, got 0; a simulation needs users
    """


class SettingsError(FedascError):
    """A setting, profile or argument that cannot be used."""


class AudioError(FedascError):
    """A recording or signal that cannot be used."""


class CorpusError(FedascError):
    """A manifest, or a demand on a corpus that it cannot meet."""


class MessageError(FedascError):
    """A message between device and server that does not keep to the wire format."""


class RunError(FedascError):
    """A simulation that could not be completed."""


class PluginError(FedascError):
    """A plug-in that failed: its message names it, its file and the line.

    What it comes from stays with it, as a note where it goes to another process.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        cause, notes = self.__cause__, list(getattr(self, "__notes__", ()))
        if cause is not None:
            notes.append("".join(traceback.format_exception(cause)).rstrip())
        return type(self), self.args, {"__notes__": notes} if notes else {}


class StorageError(RunError):
    """What disk or cache do to a run, and no device; what was finished is kept."""


class CacheError(StorageError):
    """What is kept turned out damaged where it can't be made anew; the next run makes it."""


def in_a_line(text: str, *, longest: int) -> str:
    """Others' words for a message of ours: what can be printed of their beginning, in one line.

    Args:
        longest: Characters that are left at most.
    """
    beginning = "".join(c if c.isprintable() else " " for c in text[: 4 * longest])
    return " ".join(beginning.split())[:longest]


def printable(name: str) -> str:
    """A name, which may be that of any file, in one line: what can't be printed is escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
