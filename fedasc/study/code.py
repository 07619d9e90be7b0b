"""What a kept number depends on besides its settings: the code that made it."""

from dataclasses import fields
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fedasc
from fedasc.plugins import Plugin, as_section

_TELL_ONLY = ("cli", "flower", "report")
"""Packages that make no numbers of a study."""

_LIBRARIES = ("numba", "numpy", "scikit-learn", "scipy", "torch")


@cache
def code_fingerprint() -> str:
    """Changes with every line of fedasc that may change a number, and with the libraries."""
    root = Path(fedasc.__file__).parent
    digest = blake2b(digest_size=12)
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root)
        if name.parts[0] not in _TELL_ONLY:
            digest.update(f"{name.as_posix()}\0".encode() + path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library}\0{version(library)}".encode())
    return digest.hexdigest()


def description(plugin: Plugin) -> Any:
    """Everything that a plug-in's results depend on, besides fedasc's own code."""
    return [as_section(plugin), _sources(plugin)]


def _sources(value: Any) -> dict[str, str]:
    """Of plug-ins that aren't fedasc's own, nested ones too: the text, by name."""
    found: dict[str, str] = {}
    if isinstance(value, Plugin):
        if type(value).__module__.partition(".")[0] != "fedasc":
            found[value.name] = value.source()
        for field in fields(value):  # type: ignore[arg-type]  # every plug-in is a dataclass
            found |= _sources(getattr(value, field.name))
    return found
