"""What command lines share: errors in one line, progress bars, results as tables or as JSON."""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

import typer
from rich.console import Console, RenderableType
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
from threadpoolctl import threadpool_limits

from fedasc.cli.interruption import exit_code, interruptible
from fedasc.errors import FedascError, RunError
from fedasc.report.json_text import json_text
from fedasc.storage import told

_SHOWN_AFTER_S = 2.0
STYLE: Mapping[str, Any] = {"pretty_exceptions_enable": False, "rich_markup_mode": "markdown"}
"""Of all commands: a defect shows as it is, and paragraphs of help are wrapped."""


class Terminal:
    """What a command tells: how far it is on standard error, and its results on standard output.

    Args:
        quiet: Nothing but errors, and at last where the results are.
        as_json: The results in JSON, and nothing else on standard output.
    """

    def __init__(self, *, quiet: bool = False, as_json: bool = False) -> None:
        self._quiet, self._as_json = quiet, as_json
        self._errors = Console(stderr=True)
        self._console = Console(stderr=True, quiet=quiet)

    @contextmanager
    def job(self) -> Iterator["Phases"]:
        """Where a command does its work; see `guarded`.

        Numerical libraries that are imported by then compute in one thread each.
        """
        guard = guarded(self._errors, level=logging.ERROR if self._quiet else logging.WARNING)
        with guard, threadpool_limits(1), Phases(self._console) as phases:
            yield phases

    def tell(self, text: str) -> None:
        """Tell something on the way."""
        self._console.print(text, soft_wrap=True)

    def show(self, *results: RenderableType, last: str, summary: Mapping[str, Any]) -> None:
        """Show what came out.

        Args:
            results: For people.
            last: A line that says where more of it is; nothing if empty.
            summary: The same for programs.
        """
        if self._as_json:
            print_json(summary)
            return
        console = Console()
        for result in () if self._quiet else results:
            console.print(result)
        if last:
            console.print(last, soft_wrap=True, markup=False)


def print_json(content: Any) -> None:
    """Print what programs read; see `fedasc.report.json_text`."""
    typer.echo(json_text(content), nl=False)


def script(command: Callable[..., None]) -> typer.Typer:
    """A command by itself, as the scripts under simulations are."""
    app = typer.Typer(add_completion=False, **STYLE)
    app.command()(command)
    return app


@contextmanager
def guarded(console: Console, *, level: int = logging.WARNING) -> Iterator[None]:
    """Turn what a user can cause into one line and exit code 2, or 1 for a failed simulation.

    Ctrl-C, SIGTERM and SIGHUP end with the code that a shell gives them.

    Args:
        console: Where it says so.
        level: From which on it shows what the library logs.
    """
    handler = RichHandler(level, console=console, show_time=False, show_path=False)
    logging.getLogger("fedasc").addHandler(handler)
    try:
        with interruptible(), told():
            yield
    except FedascError as error:
        console.print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        raise SystemExit(1 if isinstance(error, RunError) else 2) from None
    except KeyboardInterrupt as interruption:
        with suppress(OSError):  # the terminal may be what is gone
            console.print("interrupted; what was finished is kept")
        if "joblib" in sys.modules:
            from fedasc.processes import end_all

            end_all()
        # An orderly exit would wait for Flower's threads, which wait for Ray for ever.
        os._exit(exit_code(interruption))
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
