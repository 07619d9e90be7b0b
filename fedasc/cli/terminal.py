"""What command lines share: a first line, errors in one line, results as tables or as JSON."""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
import typer

from fedasc.cli.help import App
from fedasc.cli.interruption import exit_code, interruptible
from fedasc.errors import FedascError, RunError, SettingsError
from fedasc.garbage import collect_seldom
from fedasc.report.json_text import json_text
from fedasc.storage import told

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from fedasc.cli.phases import Phases


class Terminal:
    """What a command tells: how far it is on standard error, and its results on standard output.

    Args:
        quiet: Nothing but errors, and at last where the results are.
        verbose: Also what the library logs, and of errors where they come from.
        as_json: The results in JSON, and nothing else on standard output.
    """

    def __init__(
        self, *, quiet: bool = False, verbose: bool = False, as_json: bool = False
    ) -> None:
        self._quiet, self._verbose, self._as_json = quiet, verbose, as_json
        self._errors = error_console()
        self._console = error_console(quiet=True) if quiet else self._errors

    @classmethod
    def started(
        cls, *, quiet: bool = False, verbose: bool = False, as_json: bool = False
    ) -> "Terminal":
        """One that says at once what is being started: to import what a command needs takes long.

        Args:
            quiet, verbose, as_json: See the class.
        """
        collect_seldom()
        context = click.get_current_context(silent=True)
        if context and not quiet:
            with suppress(OSError):
                print(f"{context.command_path}: starting", file=sys.stderr, flush=True)  # noqa: T201
        return cls(quiet=quiet, verbose=verbose, as_json=as_json)

    @contextmanager
    def job(self) -> "Iterator[Phases]":
        """Where a command does its work; see `guarded`.

        Numerical libraries that are imported by then compute in one thread each.
        """
        from threadpoolctl import threadpool_limits

        from fedasc.cli.phases import Phases

        with self.guarded(), threadpool_limits(1), Phases(self._console) as phases:
            yield phases

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Where errors become a line, without progress; see the function of this name."""
        levels = {(True, False): logging.ERROR, (False, True): logging.INFO}
        level = levels.get((self._quiet, self._verbose), logging.WARNING)
        with guarded(self._errors, level=level, verbose=self._verbose):
            if self._quiet and self._verbose:
                raise SettingsError("give --quiet or --verbose, not both")
            yield

    def tell(self, text: str) -> None:
        """Tell something on the way."""
        self._console.print(text, soft_wrap=True, markup=False)

    def show(self, *results: "RenderableType", last: str, summary: Mapping[str, Any]) -> None:
        """Show what came out.

        Args:
            results: For people.
            last: A line that says where more of it is; nothing if empty.
            summary: The same for programs.
        """
        if self._as_json:
            print_json(summary)
            return
        from rich.console import Console

        console = Console()
        for result in () if self._quiet else results:
            console.print(result)
        if last:
            console.print(last, soft_wrap=True, markup=False)


def error_console(*, quiet: bool = False) -> "Console":
    """Standard error; bars move there if it is a terminal that can do it, whatever it is told."""
    from rich.console import Console

    return Console(stderr=True, quiet=quiet, force_interactive=None if _is_terminal() else False)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def print_json(content: Any) -> None:
    """Print what programs read; see `fedasc.report.json_text`."""
    typer.echo(json_text(content), nl=False)


def script(command: Callable[..., None]) -> typer.Typer:
    """A command by itself, as the scripts under simulations are."""
    app = App(add_completion=False)
    app.command()(command)
    return app


@contextmanager
def guarded(
    console: "Console", *, level: int = logging.WARNING, verbose: bool = False
) -> Iterator[None]:
    """Turn what a user can cause into one line and exit code 2, or 1 for a failed simulation.

    Ctrl-C, SIGTERM and SIGHUP end with the code that a shell gives them.

    Args:
        console: Where it says so.
        level: From which on it shows what the library logs.
        verbose: Whether to show where an error comes from, too.
    """
    from rich.logging import RichHandler
    from rich.text import Text

    handler = RichHandler(level, console=console, show_time=False, show_path=False)
    logger = logging.getLogger("fedasc")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level, logger.getEffectiveLevel()))
    try:
        with interruptible(), told():
            yield
    except FedascError as error:
        if verbose:
            console.print(Text(traceback.format_exc()), soft_wrap=True)
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
        logger.removeHandler(handler)
        logger.setLevel(before)
