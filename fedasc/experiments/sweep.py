"""Plug-ins of a grid: sections of settings in which a list stands for several values."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import product
from typing import Any, TypeVar, get_origin

from fedasc.config import from_mapping
from fedasc.errors import SettingsError
from fedasc.plugins import Plugin, as_section, find
from fedasc.release.release import Release

P = TypeVar("P", bound=Plugin)


def swept(
    root: type[P], label: str, section: Mapping[str, Any], *, where: str
) -> Iterator[tuple[str, P]]:
    """The plug-ins that a section stands for, each with its label.

    Args:
        root: Of their family.
        label: Of the section; the name of the plug-in too, unless `name` is another one.
        section: Settings; a list where one value is expected stands for each of its values, and
            several lists for every combination.
        where: Name of the section for messages.

    Raises:
        SettingsError: If there is no such plug-in, it has no such settings, or a list is empty.
    """
    named = {"name": label, **section}
    lists = _lists(root, named, where=where)
    for values in product(*lists.values()):
        chosen = dict(zip(lists, values, strict=True))
        words = (label, *(f"{key}={_word(value)}" for key, value in chosen.items()))
        yield " ".join(words), root.from_section(named | chosen, where=where)


def swept_releases(value: Any, of_file: Release, *, where: str) -> Iterator[tuple[str, Release]]:
    """The release stages that an aggregator's `release` stands for, each with words for a label.

    Args:
        value: A table of what is otherwise than in the file, or a list of such tables, each of
            which stands for a stage.
        of_file: What the file's section [release] says.
        where: Name of the setting for messages.

    Raises:
        SettingsError: If a table can't be used, or the list is empty.
    """
    tables = value if isinstance(value, list) else [value]
    if not tables:
        raise SettingsError(f"{where}: a list to choose from must name a value at least")
    for table in tables:
        if not isinstance(table, Mapping):
            raise SettingsError(f"{where}: expected a table such as {{bits = 8}}, got {table!r}")
        words = [f" {key}={_word(part)}" for key, part in table.items()] if value is tables else []
        release = from_mapping(Release, {**as_section(of_file), **table}, where=where)
        yield "".join(words), release


def _lists(root: type[P], section: Mapping[str, Any], *, where: str) -> dict[str, list[Any]]:
    name = section["name"]
    if not isinstance(name, str):
        raise SettingsError(f"{where}: name must be a text, got {name!r}")
    known = fields(find(root, name))  # type: ignore[arg-type]  # `find` sees to that
    sequences = {field.name for field in known if get_origin(field.type) is tuple}
    lists = {
        key: value
        for key, value in section.items()
        if isinstance(value, list) and key not in sequences
    }
    for key, values in lists.items():
        if not values:
            raise SettingsError(f"{where}.{key}: a list to choose from must name a value at least")
    return lists


def _word(value: Any) -> str:
    """A value as part of a label."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return " ".join(_word(part) for part in value.values())
    return str(value)
