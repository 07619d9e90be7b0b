"""Where an error came up: a file and a line that somebody can open, in this process or another."""

import site
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fedasc.sources import PACKAGE, top_of

_TOLD = "_fedasc_lines"
_LONGEST = 4000


@dataclass(frozen=True)
class Line:
    """A line of code.

    Args:
        module: Name of the module that it stands in.
        file: Where that is.
        number: Of the line, from 1.
    """

    module: str
    file: str
    number: int

    def __str__(self) -> str:
        return f"{short_path(self.file)}:{self.number}"


def short_path(file: str) -> str:
    """A path from where one is, if it lies below."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def line_in(error: BaseException, is_theirs: Callable[[Line], bool]) -> Line | None:
    """The innermost line of somebody's that an error came through.

    Args:
        error: What came up, perhaps in another process if `telling_lines` was there.
        is_theirs: Whether a line is one of those that are looked for.
    """
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        theirs = [line for line in _lines(error) if is_theirs(line)]
        if theirs:
            return theirs[-1]
        error = error.__cause__ or error.__context__ or error
    return None


def is_strangers(line: Line) -> bool:
    """Whether a line is neither fedasc's nor of anything that is installed."""
    if top_of(line.module) == PACKAGE or line.file.startswith("<"):
        return False
    return not any(Path(line.file).is_relative_to(folder) for folder in _installed())


def trace_of(error: BaseException) -> str:
    """How an error came up, for people: its end, if it is long."""
    text = "".join(traceback.format_exception(error)).rstrip()
    return text if len(text) <= _LONGEST else f"...\n{text[-_LONGEST:].partition(chr(10))[2]}"


@contextmanager
def telling_lines() -> Iterator[None]:
    """Inside, errors keep their lines and their trace when they go to another process."""
    try:
        yield
    except Exception as error:
        if not hasattr(error, _TOLD):
            setattr(error, _TOLD, tuple(_lines(error)))
            error.add_note(trace_of(error))
        raise


def _lines(error: BaseException) -> Iterator[Line]:
    if isinstance(error, SyntaxError) and error.filename:
        yield Line("", error.filename, error.lineno or 1)
        return
    yield from getattr(error, _TOLD, ())
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield Line(frame.f_globals.get("__name__", ""), code.co_filename, number)


@cache
def _installed() -> frozenset[Path]:
    """Where pip and Python itself keep modules."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [*(sysconfig.get_paths()[name] for name in names), *site.getsitepackages()]
    real = {Path(folder).resolve() for folder in (*folders, site.getusersitepackages())}
    # Where Python was started from, unless a virtual environment stands in it.
    return frozenset({*real, *map(Path, folders), Path(sys.base_prefix, "lib")})
