"""What `fedasc listen` tells while it listens: a line for every 10 s, and a level meter."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from fedasc.live.meter import bar

if TYPE_CHECKING:
    from fedasc.audio import Signal, Stored
    from fedasc.live.listening import Window

_CLEARED = "\r\x1b[2K"


class Told:
    """Shows windows as they come, and keeps what is said of them.

    Args:
        shows: Whether to print a line for each; beside it, on a terminal, a bar.
        meters: Whether to show how loud it is meanwhile, if standard error is a terminal.
    """

    def __init__(self, *, shows: bool, meters: bool) -> None:
        self.rows: list[dict[str, Any]] = []
        self._shows = shows
        self._bars = shows and sys.stdout.isatty()
        self._meters = meters and sys.stderr.isatty()

    def each(self, windows: "Iterator[Window]") -> "Iterator[Window]":
        """The windows, which are told on their way."""
        from fedasc.scenes import SCENE_NAMES

        for window in windows:
            self.rows.append(
                {
                    "start_s": window.start_s,
                    "seconds": window.seconds,
                    "scene": SCENE_NAMES[window.scene],
                    "certainty": window.certainty,
                    "level_dbfs": window.level_dbfs,
                }
            )
            self.clear()
            if self._shows:
                line = window.line()
                typer.echo(f"{line:<42} {bar(window.level_dbfs)}" if self._bars else line)
            yield window

    def heard(self, block: "Signal | Stored") -> None:
        """How loud the sound is just now."""
        if self._meters:
            from fedasc.live.listening import level_of

            level = level_of(block)
            sys.stderr.write(f"\r{bar(level)} {max(level, -99.9):6.1f} dBFS")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the meter away."""
        if self._meters:
            sys.stderr.write(_CLEARED)
            sys.stderr.flush()
