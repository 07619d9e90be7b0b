"""What goes wrong in a plug-in, told with its name, its file and its line."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

from fedasc.errors import FedascError, PluginError, StorageError
from fedasc.plugins import Plugin
from fedasc.sources import PACKAGE, top_of
from fedasc.traces import Line, is_strangers, line_in, short_path


def is_ours(plugin: Plugin | type[Plugin]) -> bool:
    """Whether a plug-in comes with fedasc."""
    kind = plugin if isinstance(plugin, type) else type(plugin)
    return top_of(kind.__module__) == PACKAGE


@contextmanager
def fault_of(plugin: Plugin, method: str) -> Iterator[None]:
    """Where a plug-in of anybody's is called.

    What is fedasc's own passes as it is, and so does an error that fedasc raised outside of the
    plug-in's code, such as a refusal of what it made.

    Args:
        method: Which of its methods.

    Raises:
        PluginError: Where an error came up in its code, or in other code that isn't fedasc's; with
            that line. Where none of it is to be seen, with the line where the method begins.
    """
    try:
        yield
    except (PluginError, StorageError):
        raise
    except Exception as error:
        line = line_in(error, lambda line: _is_of(plugin, line)) or line_in(error, is_strangers)
        if line is None and (is_ours(plugin) or isinstance(error, FedascError)):
            raise
        place = line or line_of(plugin, method)
        raise PluginError(
            f"{plugin.family.word} {plugin.name!r} failed at {place}: {in_words(error)}"
        ) from error


def in_words(error: BaseException) -> str:
    """An error's message, after its kind unless it is one of fedasc's."""
    text = str(error) or "no reason given"
    return text if isinstance(error, FedascError) else f"{type(error).__name__}: {text}"


def line_of(plugin: Plugin | type[Plugin], method: str) -> str:
    """Where a method of a plug-in begins, or its class if the method is inherited of fedasc's."""
    kind = plugin if isinstance(plugin, type) else type(plugin)
    for owner in kind.__mro__:
        if method in vars(owner) and not (issubclass(owner, Plugin) and is_ours(owner)):
            member = vars(owner)[method]
            function = getattr(member, "fget", member)
            if inspect.isfunction(function):
                file, first = function.__code__.co_filename, function.__code__.co_firstlineno
                return str(Line(owner.__module__, file, first))
            break
    try:
        return f"{short_path(inspect.getfile(kind))}:{inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):  # it stands in no file
        return kind.__module__


def _is_of(plugin: Plugin, line: Line) -> bool:
    tops = {top_of(owner.__module__) for owner in type(plugin).__mro__}
    return top_of(line.module) in tops - {PACKAGE, "builtins", "abc"}
