"""What command lines share: errors in one line, progress bars, and how long each phase took."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fedasc.errors import FedascError, RunError

_SHOWN_AFTER_S = 2.0


@contextmanager
def guarded(console: Console) -> Iterator[None]:
    """Turn what a user can cause into one line and exit code 2, or 1 for a failed simulation."""
    handler = RichHandler(console=console, show_time=False, show_path=False)
    logging.getLogger("fedasc").addHandler(handler)
    try:
        yield
    except FedascError as error:
        console.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        raise SystemExit(1 if isinstance(error, RunError) else 2) from None
    except KeyboardInterrupt:
        console.print("interrupted; what was finished is cached")
        # An orderly exit would wait for Flower's threads, which wait for Ray for ever.
        os._exit(130)
    finally:
        logging.getLogger("fedasc").removeHandler(handler)


class _Rate(ProgressColumn):
    """How many are done per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="progress.data.speed")


class Phases:
    """Progress bars for phases that last, and the seconds that each phase took.

    The time between two reports counts for the phase of the later one.
    """

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._last = time.monotonic()

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        self.seconds[phase] = self.seconds.get(phase, 0.0) + now - self._last
        self._last = now
        if phase not in self._tasks and self.seconds[phase] > _SHOWN_AFTER_S and done < total:
            self._tasks[phase] = self._bars.add_task(phase, total=total)
        if phase in self._tasks:
            self._bars.update(self._tasks[phase], completed=done, total=total, visible=done < total)

    def __enter__(self) -> "Phases":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()
