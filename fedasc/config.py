"""Settings as values: built from mappings with strict keys, and known by a fingerprint."""

import json
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, asdict, fields, is_dataclass
from difflib import get_close_matches
from hashlib import blake2b
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from fedasc.errors import SettingsError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S")


def from_mapping(settings: type[S], values: Mapping[str, Any], *, where: str) -> S:
    """Build a frozen settings dataclass, refusing keys that it doesn't have.

    Args:
        settings: The dataclass; nested dataclasses are built from nested mappings, plug-ins from
            their names too, and lists become tuples.
        values: What was read, for example from a TOML file.
        where: Name of the section for messages.

    Raises:
        SettingsError: If a key is unknown or missing, or a value has the wrong type or range.
    """
    known = {field.name: field for field in fields(settings)}  # type: ignore[arg-type]
    # Annotations are texts in a module that postpones them.
    postponed = any(isinstance(field.type, str) for field in known.values())
    kinds = (
        get_type_hints(settings) if postponed else {key: field.type for key, field in known.items()}
    )
    taken = {}
    for key, value in values.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
            raise SettingsError(f"{where}: unknown setting {key!r}; {hint}")
        taken[key] = _converted(kinds[key], value, where=f"{where}.{key}")
    missing = [
        name
        for name, field in known.items()
        if name not in taken and field.default is MISSING and field.default_factory is MISSING
    ]
    if missing:
        raise SettingsError(f"{where}: lacks {', '.join(missing)}")
    try:
        return settings(**taken)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def _converted(kind: Any, value: Any, *, where: str) -> Any:
    """The value as the type of its field, checked to the last element."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if isinstance(kind, type) and hasattr(kind, "from_section"):
        return value if isinstance(value, kind) else kind.from_section(value, where=where)
    if is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, Mapping):
            return from_mapping(kind, value, where=where)
        raise SettingsError(f"{where}: expected a section, got {value!r}")
    if origin is tuple:
        if isinstance(value, list | tuple):
            return tuple(_converted(inner[0], item, where=where) for item in value)
        raise SettingsError(f"{where}: expected a list, got {value!r}")
    if origin is Mapping:
        if isinstance(value, Mapping):
            return {key: _converted(inner[1], item, where=where) for key, item in value.items()}
        raise SettingsError(f"{where}: expected a table of names and values, got {value!r}")
    if origin in (Union, UnionType):
        for one in inner:
            with suppress(SettingsError):
                return _converted(one, value, where=where)
        raise SettingsError(f"{where}: expected {kind}, got {value!r}")
    if origin is Literal:
        kind = str  # which ones, the dataclass knows and says
    if kind is float and (type(value) is int or value == "inf"):
        value = float(value)
    if type(value) is not kind:
        raise SettingsError(f"{where}: expected {kind.__name__}, got {value!r}")
    return value


def check_choices(settings: "DataclassInstance", *, section: str) -> None:
    """Refuse a value that isn't one of those that its field names (`Literal`).

    Args:
        section: What to call the settings; nothing if empty.

    Raises:
        SettingsError: With the values that there are.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        if get_origin(field.type) is Literal and value not in get_args(field.type):
            where = f"{section}: {field.name}" if section else field.name
            choices = ", ".join(get_args(field.type))
            raise SettingsError(f"{where} must be one of {choices}, got {value!r}")


def check_finite(settings: "DataclassInstance", *, section: str) -> None:
    """Refuse a number, alone or among others, that isn't finite.

    Args:
        section: What to call the settings.

    Raises:
        SettingsError: With its name.
    """
    for field in fields(settings):
        value = getattr(settings, field.name)
        numbers = value if isinstance(value, tuple) else (value,)
        if any(isinstance(number, float) and not isfinite(number) for number in numbers):
            raise SettingsError(f"{section}: {field.name} must be finite, got {value!r}")


def merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they were read, with changes in place of what they had; sections are merged."""
    changed = dict(content)
    for key, value in changes.items():
        old = content.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merged(old, value)
        changed[key] = value
    return changed


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that were given: without None, and without sections that have nothing else."""
    pruned = {
        key: given(value) if isinstance(value, Mapping) else value for key, value in options.items()
    }
    return {key: value for key, value in pruned.items() if value not in (None, {})}


def fingerprint(*parts: Any) -> str:
    """A short name for the content of settings, strings, numbers and nests of them."""
    text = json.dumps(parts, sort_keys=True, default=_plain)
    return blake2b(text.encode(), digest_size=12).hexdigest()


def as_json(value: Any) -> Any:
    """Settings, strings, numbers and nests of them as JSON has them: mappings, lists and texts."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(part: Any) -> Any:
    if is_dataclass(part) and not isinstance(part, type):
        return {type(part).__name__: asdict(part)}
    raise TypeError(f"no fingerprint for {type(part).__name__}")


def read_toml(path: Path) -> Mapping[str, Any]:
    """The content of a settings file.

    Raises:
        SettingsError: If the file is missing or no TOML.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: no such file; give the path of a TOML file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file ({error})") from error
