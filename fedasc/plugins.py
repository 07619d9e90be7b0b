"""Plug-ins: classes found by name, among fedasc's own, in a module, a file or a distribution.

A plug-in is a frozen dataclass that derives from the root of its family; its fields are what a
section of a settings file may say.
"""

import importlib
import inspect
import sys
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from importlib.metadata import entry_points
from math import inf
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from fedasc.config import from_mapping
from fedasc.errors import FedascError, PluginError, SettingsError
from fedasc.traces import is_strangers, line_in, short_path

P = TypeVar("P", bound="Plugin")


@dataclass(frozen=True, kw_only=True)
class Family:
    """Plug-ins that take the same place.

    Args:
        word: What one of them is called.
        group: Of entry points, by which other distributions bring theirs along.
        default: Name of the one that is meant if none is named.
        builtin: fedasc's own, as module:Class by name.
    """

    word: str
    group: str
    default: str
    builtin: Mapping[str, str]

    def names(self) -> tuple[str, ...]:
        """All that need no module or path."""
        return (*self.builtin, *(point.name for point in entry_points(group=self.group)))


class Plugin(ABC):
    """Root of all families; each of them has a root of its own."""

    family: ClassVar[Family]

    @classmethod
    def from_section(cls, section: Mapping[str, Any] | str, *, where: str) -> Self:
        """Build the plug-in that a section of a settings file describes.

        Args:
            section: Under `name` what `find` takes; everything else are its settings. A text is
                the name of one that goes without.
            where: Name of the section for messages.

        Raises:
            SettingsError: If it is no section, there is no such plug-in, or it has no such
                settings.
        """
        if not isinstance(section, str | Mapping):
            raise SettingsError(f"{where}: expected a section with a name, got {section!r}")
        settings = dict(as_named(section))
        name = settings.pop("name", cls.family.default)
        if not isinstance(name, str):
            raise SettingsError(f"{where}: name must be a text, got {name!r}")
        return built(find(cls, name), settings, where=f"{where} {name!r}")

    @property
    def name(self) -> str:
        """What to call it, and to find it by: see `find`."""
        module, class_name = type(self).__module__, type(self).__qualname__
        names = {target: name for name, target in self.family.builtin.items()}
        if builtin := names.get(f"{module}:{class_name}"):
            return builtin
        file = Path(inspect.getfile(type(self)))
        if file.stem == module:  # no package: loaded by its path
            module = short_path(str(file))
        return f"{module}:{class_name}"


def find(root: type[P], name: str) -> type[P]:
    """The class of a plug-in.

    Args:
        root: Of its family.
        name: One of fedasc's own or of an entry point, package.module:Class, or
            path/to/file.py:Class, where .py may be left out.

    Raises:
        SettingsError: If it isn't there, can't be imported, or is no plug-in of this family.
    """
    word = root.family.word
    points = {point.name: point.value for point in entry_points(group=root.family.group)}
    target = root.family.builtin.get(name) or points.get(name) or name
    place, colon, class_name = target.rpartition(":")
    if not colon:
        near = get_close_matches(name, root.family.names(), n=1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"known are {', '.join(root.family.names())}"
        )
        raise SettingsError(
            f"no {word} {name!r}; {hint} (others as package.module:Class or path/file.py:Class)"
        )
    plugin = getattr(module_at(place, word), class_name, None)
    if not (isinstance(plugin, type) and issubclass(plugin, root)):
        raise SettingsError(
            f"{word} {name!r}: {place} has no class {class_name!r} that derives from "
            f"{root.__module__}:{root.__qualname__}{what_it_is(plugin)}"
        )
    check_usable(plugin, root, name)
    return plugin


def built(kind: type[P], settings: Mapping[str, Any], *, where: str) -> P:
    """A plug-in with these settings.

    Args:
        where: Of the settings, and what the plug-in is called, for messages.

    Raises:
        SettingsError: If it has no such settings, or refuses them.
        PluginError: If it fails at that; with the line.
    """
    try:
        return from_mapping(kind, settings, where=where)
    except FedascError:
        raise
    except Exception as error:
        line = line_in(error, is_strangers)
        if line is None:
            raise
        raise PluginError(
            f"{where} can't be built, at {line}: {type(error).__name__}: {error}"
        ) from error


def check_usable(plugin: type[Plugin], root: type[Plugin], name: str) -> None:
    """Hold that a class can be a plug-in of a family.

    Args:
        root: Of the family.
        name: What to call it.

    Raises:
        SettingsError: If it isn't frozen, or lacks a method.
    """
    what = f"{root.family.word} {name!r}"
    if inspect.isabstract(plugin):
        missing = ", ".join(sorted(plugin.__abstractmethods__))
        raise SettingsError(
            f"{what}: must be a frozen dataclass that has every abstract method of "
            f"{root.__module__}:{root.__qualname__}; class {plugin.__name__}{_at(plugin)} lacks "
            f"{missing}"
        )
    if not _is_frozen(plugin):
        raise SettingsError(
            f"{what}: must be a frozen dataclass; write @dataclass(frozen=True, kw_only=True) "
            f"above class {plugin.__name__}{_at(plugin)}"
        )


def what_it_is(thing: Any) -> str:
    """What to know of a thing that is no plug-in of a family; nothing if there is no such thing."""
    if thing is None:
        return ""
    if not isinstance(thing, type):
        return f"; it is a {type(thing).__name__}, no class"
    if issubclass(thing, Plugin):
        return f"; it is a {thing.family.word}{_at(thing)}"
    bases = ", ".join(base.__name__ for base in thing.__bases__)
    return f"; it derives from {bases}{_at(thing)}"


def _at(kind: type) -> str:
    """Where a class begins, in brackets; nothing if it stands in no file."""
    try:
        file, first = inspect.getfile(kind), inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        return ""
    return f" ({short_path(file)}:{first})"


def as_named(section: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """The section of a plug-in, for which its name may stand."""
    return {"name": section} if isinstance(section, str) else section


def as_section(value: Any) -> Any:
    """Settings as a settings file says them: plug-ins with their names, nests as tables."""
    if is_dataclass(value) and not isinstance(value, type):
        named = {"name": value.name} if isinstance(value, Plugin) else {}
        content = {field.name: as_section(getattr(value, field.name)) for field in fields(value)}
        return named | content
    if isinstance(value, Mapping):
        return {key: as_section(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [as_section(one) for one in value]
    return "inf" if value == inf else value  # JSON has no number for it


def _is_frozen(plugin: type) -> bool:
    parameters = getattr(plugin, "__dataclass_params__", None)
    return parameters is not None and bool(parameters.frozen)


def module_at(place: str, word: str) -> Any:
    """A module by its name, or by the path of its file.

    Args:
        word: What is looked for in it, for messages.

    Raises:
        SettingsError: If there is none, or it can't be imported; with the line where it fails.
    """
    path = Path(place if place.endswith(".py") else f"{place}.py").resolve()
    by_path = path.is_file()
    if not by_path and ("/" in place or place.endswith(".py")):
        raise SettingsError(f"{word} {place!r}: no such file")
    if by_path and str(path.parent) not in sys.path:
        # At the end, so that it hides nothing; other processes find the module there too.
        sys.path.append(str(path.parent))
    name = path.stem if by_path else place
    try:
        module = importlib.import_module(name)
    except Exception as error:
        line = line_in(error, is_strangers)
        where = f"at {line}: " if line else ""
        kind = "" if isinstance(error, FedascError) else f"{type(error).__name__}: "
        told = error.msg if isinstance(error, SyntaxError) else str(error)
        raise SettingsError(f"{word} {place!r} can't be imported ({where}{kind}{told})") from error
    if by_path and Path(module.__file__ or "").resolve() != path:
        raise SettingsError(f"{word} {path}: another module is called {name!r}; rename the file")
    return module
