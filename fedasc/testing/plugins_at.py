"""The plug-ins of a file, of a module, or of a name that comes with fedasc."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from fedasc.errors import SettingsError
from fedasc.plugins import Plugin, check_usable, find, module_at, what_it_is

_ROOTS = (
    "fedasc.aggregators.aggregator:Aggregator",
    "fedasc.strategies.strategy:Strategy",
    "fedasc.probes.probe:Probe",
    "fedasc.models.teacher:TeacherSettings",
)


def roots() -> list[type[Plugin]]:
    """Of all families."""
    places = (root.partition(":") for root in _ROOTS)
    return [getattr(import_module(module), name) for module, _, name in places]


def plugins_at(place: str) -> Sequence[type[Plugin]]:
    """Classes of plug-ins, of whatever families.

    Args:
        place: path/to/file.py:Class or package.module:Class, the file or the module alone for all
            that it defines, or a name that comes with fedasc.

    Raises:
        SettingsError: If there is none, or it can't be a plug-in.
    """
    by_name = [find(root, place) for root in roots() if place in root.family.names()]
    if by_name:
        return by_name
    file, colon, class_name = place.rpartition(":")
    if not colon:
        return _all_in(place)
    thing: Any = getattr(module_at(file, "plug-in"), class_name, None)
    root = _root_of(thing)
    if root is None:
        there = [kind.__name__ for kind in _defined_in(file)]
        also = f"; there is {', '.join(there)}" if there else ""
        raise SettingsError(
            f"plug-in {place!r}: {file} has no class {class_name!r} that derives from Aggregator, "
            f"Strategy, Probe or TeacherSettings{what_it_is(thing)}{also}"
        )
    check_usable(thing, root, place)
    return [thing]


def _all_in(place: str) -> Sequence[type[Plugin]]:
    kinds = _defined_in(place)
    if not kinds:
        raise SettingsError(
            f"plug-in {place!r}: no class in it derives from Aggregator, Strategy, Probe or "
            "TeacherSettings; fedasc plugin new writes one that does"
        )
    for kind in kinds:
        root = _root_of(kind)
        assert root is not None
        check_usable(kind, root, f"{place}:{kind.__name__}")
    return kinds


def _defined_in(place: str) -> list[type[Plugin]]:
    module = module_at(place, "plug-in")
    return [
        thing
        for thing in vars(module).values()
        if _root_of(thing) and thing.__module__ == module.__name__
    ]


def _root_of(thing: object) -> type[Plugin] | None:
    """The root of the family that a class is of; None if it is of none, or a root itself."""
    if not isinstance(thing, type):
        return None
    return next((root for root in roots() if issubclass(thing, root) and thing is not root), None)
