"""How far a command is: bars on a terminal, else a line now and then."""

import time
from threading import Event, Thread
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

_SHOWN_AFTER_S = 2.0
_LINE_EVERY_S = 10.0
_WIDE, _NUMBERS = 70, 20


class Phases:
    """Shows phases that last, and knows the seconds that each phase took.

    The time between two reports counts for the phase of the later one.

    Args:
        console: Where; nothing is shown on a quiet one.
    """

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._shown: _Shown = _Bars(console) if console.is_interactive else _Lines(console)
        self._last = time.monotonic()

    def __call__(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        spent = now - self._last
        self.seconds[phase] = self.seconds.get(phase, 0.0) + spent
        self._last = now
        self._shown.tell(phase, done, total, now=now, spent=spent)

    def __enter__(self) -> "Phases":
        self._shown.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shown.stop()


class _Shown(Protocol):
    def start(self) -> None: ...

    def tell(self, phase: str, done: int, total: int, *, now: float, spent: float) -> None:
        """Show that some of a phase is done.

        Args:
            now: In seconds.
            spent: Since anything was done before.
        """

    def stop(self) -> None: ...


class _Count(MofNCompleteColumn):
    """How many are done, if it is known of how many."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.total else Text("")


class _Rate(ProgressColumn):
    """How many are done per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "", style="progress.data.speed")


class _Bars:
    """A bar for each phase that lasts, which goes away when the phase has ended.

    Between phases a line tells how long there was nothing to tell.
    """

    def __init__(self, console: Console) -> None:
        words = Column(no_wrap=True, overflow="ellipsis")
        columns: list[ProgressColumn] = [BarColumn(), _Count(), _Rate(), TimeRemainingColumn()]
        if console.width < _WIDE:
            words.width = max(8, console.width - _NUMBERS)
            columns = [SpinnerColumn(), _Count(), TimeRemainingColumn(compact=True)]
        self._bars = Progress(
            TextColumn("{task.description}", table_column=words),
            *columns,
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lasted: dict[str, float] = {}
        self._between = self._bars.add_task("working", total=None)

    def start(self) -> None:
        self._bars.start()

    def tell(self, phase: str, done: int, total: int, *, now: float, spent: float) -> None:
        self._lasted[phase] = self._lasted.get(phase, 0.0) + spent
        if phase not in self._tasks and self._lasted[phase] > _SHOWN_AFTER_S and done < total:
            self._tasks[phase] = self._bars.add_task(phase, total=total)
        if phase in self._tasks:
            going_on = done < total
            self._bars.update(self._tasks[phase], completed=done, total=total, visible=going_on)
            self._bars.update(self._between, visible=not going_on)

    def stop(self) -> None:
        self._bars.stop()


class _Lines:
    """Lines when a phase begins to last and when it has ended, and every ten seconds between.

    Where nothing is told for longer, a thread says that there is still something going on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase, self._done = "", 0
        self._began, self._first = 0.0, (0.0, 0)
        self._told = time.monotonic()
        self._is_told = False
        self._is_over = Event()
        self._thread = Thread(target=self._still, name="lines", daemon=True)

    def start(self) -> None:
        if not self._console.quiet:
            self._thread.start()

    def tell(self, phase: str, done: int, total: int, *, now: float, spent: float) -> None:
        if phase != self._phase or done <= self._done:
            self._began, self._first, self._is_told = now - spent, (now, done), False
        self._phase, self._done = phase, done
        lasted = now - self._began
        if done >= total:
            if self._is_told or lasted > _SHOWN_AFTER_S:
                counted = "" if total == 1 else f"{total:,}, "
                self._line(f"{phase}: {counted}done in {_in_words(lasted)}", now)
        elif lasted > _SHOWN_AFTER_S and not (self._is_told and now - self._told < _LINE_EVERY_S):
            self._line(f"{phase}: {done:,} of {total:,}{self._left(done, total, now)}", now)

    def _left(self, done: int, total: int, now: float) -> str:
        """How long it will take: as since the first report, before which other things were done."""
        since, before = self._first
        if done <= before:
            return ""
        return f", about {_in_words((now - since) * (total - done) / (done - before))} left"

    def stop(self) -> None:
        self._is_over.set()

    def _line(self, text: str, now: float) -> None:
        self._told, self._is_told = now, True
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _still(self) -> None:
        since = self._told
        while not self._is_over.wait(1.0):
            now = time.monotonic()
            since = max(since, self._told)
            if now - since > 2 * _LINE_EVERY_S:
                since = now
                quiet_s = _in_words(now - self._told)
                self._console.print(
                    f"still working, {quiet_s} after the line above", highlight=False
                )


def _in_words(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
