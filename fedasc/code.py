"""The code that makes a content, as a fingerprint: fedasc's, other people's, and the libraries.

A fingerprint is of what a text says to Python: comments, docstrings and where lines are broken
don't count.
"""

import platform
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fedasc import sources as _sources
from fedasc.sources import PACKAGE, imported, sources, top_of
from fedasc.syntax import syntax_of

_CARRIERS = frozenset(
    f"{PACKAGE}.{name}"
    for name in (
        "atomic",
        "cache",
        "code",
        "config",
        "drafts",
        "errors",
        "execution",
        "inventory",
        "places",
        "plugins",
        "progress",
        "seal",
        "sharing",
        "shelves",
        "sources",
        "syntax",
    )
)
"""Modules that carry settings, files and messages to those that make something. The settings that
they read stand in a key themselves, so that a new kind of error, say, throws no work away."""

LIBRARIES: Mapping[str, str] = {
    "llvmlite": "llvmlite",
    "numba": "numba",
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "soundfile": "soundfile",
    "soxr": "soxr",
    "torch": "torch",
    "torchvision": "torchvision",
}
"""Distributions that make numbers, by module; each counts wherever it is imported.

numba and llvmlite make the machine code of all kernels, SciPy the products that numba calls it for,
soundfile (which brings its libsndfile along) and soxr the samples of a file.
"""


@dataclass(frozen=True)
class Code:
    """What makes a content.

    Args:
        digest: Of all of fedasc's modules.
        others: Digests of other people's modules, by name.
        versions: Of Python and of the libraries, by name.
    """

    digest: str
    others: Mapping[str, str]
    versions: Mapping[str, str]


def code_of(modules: Collection[str], *, without: Collection[str] = ()) -> Code:
    """The code of modules and of all that they import.

    Args:
        modules: Names; not only of fedasc's.
        without: Modules of fedasc's that are imported but make nothing of the content, or nothing
            but what stands in its key. What they import doesn't count by way of them either.

    Raises:
        SettingsError: If there is no text of a module.
    """
    ours = {name for name in modules if top_of(name) == PACKAGE}
    others: dict[str, str] = {}
    for module in sorted({*modules} - ours):
        for name, text in sources(module, without=_CARRIERS.union(without)).items():
            if top_of(name) == PACKAGE:
                ours.add(name)
            else:
                others[name] = text
    digest, libraries = _code_below(_sources.ROOT, tuple(sorted(ours)), tuple(sorted(without)))
    libraries = libraries.union(*(_libraries(text, name) for name, text in others.items()))
    return Code(
        digest,
        {name: syntax_of(text)[0] for name, text in sorted(others.items())},
        {name: installed(name) for name in ("python", *sorted(libraries))},
    )


@cache
def _code_below(
    root: Path, modules: tuple[str, ...], without: tuple[str, ...]
) -> tuple[str, frozenset[str]]:
    """The digest of fedasc's modules as they stand below a root, and the libraries they import."""
    texts = sources(*modules, without=_CARRIERS.union(without))
    digest = blake2b(digest_size=12)
    names = sorted(texts)
    for name, said in zip(names, syntax_of(*(texts[name] for name in names)), strict=True):
        digest.update(f"{name}\0{said}\0".encode())
    used = [_libraries(text, name) for name, text in texts.items()]
    return digest.hexdigest(), frozenset().union(*used)


@cache
def installed(library: str) -> str:
    """The version of a library, or of python."""
    return platform.python_version() if library == "python" else version(library)


def modules_of(*values: Any) -> tuple[str, ...]:
    """Modules of the classes of settings and plug-ins, of those nested in them too."""
    return tuple(sorted(set(_modules_of(values))))


def _modules_of(value: Any) -> Iterator[str]:
    if is_dataclass(value) and not isinstance(value, type):
        yield type(value).__module__
        for field in fields(value):
            yield from _modules_of(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from _modules_of(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _modules_of(part)


@cache
def _libraries(text: str, module: str) -> frozenset[str]:
    """Distributions that a module imports and that make numbers."""
    names = map(top_of, imported(text, module))
    return frozenset(LIBRARIES[name] for name in names if name in LIBRARIES)
