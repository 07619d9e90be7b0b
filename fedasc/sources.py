"""The text of modules and of all that they import, found without importing anything of fedasc's."""

import ast
import sys
from collections.abc import Collection, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

from fedasc.errors import SettingsError

ROOT = Path(__file__).parent
"""Where fedasc's modules stand."""

PACKAGE = __name__.partition(".")[0]


def sources(*modules: str, without: Collection[str] = ()) -> dict[str, str]:
    """The text of modules, and of all of fedasc and of their own packages that they import.

    Args:
        modules: Names; not only of fedasc's.
        without: Names that are passed by where they are imported, with what they import.

    Returns:
        Texts by name.

    Raises:
        SettingsError: If there is no text of a module that was asked for.
    """
    packages = {PACKAGE, *map(top_of, modules)}
    texts: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in texts or (name in without and name not in modules):
            continue
        text = _text_below(ROOT, name) if top_of(name) == PACKAGE else _text_elsewhere(name)
        if text is not None:
            texts[name] = text
            waiting += [other for other in imported(text, name) if top_of(other) in packages]
        elif name in modules:
            raise SettingsError(f"{name}: its text is needed to know what it makes; save it first")
    return texts


def top_of(module: str) -> str:
    """The package that a module stands in at last."""
    return module.partition(".")[0]


@cache
def imported(text: str, module: str) -> tuple[str, ...]:
    """Names of modules that a module's text may import, the packages above them included."""
    names = set()
    for node in _statements(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            name = resolve_name(start, module.rpartition(".")[0]) if node.level else start
            names |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    parts = [name.split(".") for name in names]
    # What stands in fedasc's own __init__ is for those who import fedasc.
    return tuple(
        sorted(
            {
                ".".join(part[:n])
                for part in parts
                for n in range(1 + (part[0] == PACKAGE), len(part) + 1)
            }
        )
    )


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """All statements; to look into what they are made of would take ten times as long."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, part, ())
            waiting += inner if isinstance(inner, list) else ()


@cache
def _text_below(root: Path, module: str) -> str | None:
    """The text of a module of fedasc's; None of what is no module."""
    path = root.joinpath(*module.split(".")[1:])
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None


def _text_elsewhere(module: str) -> str | None:
    """The text of another module as it is now; None of what is no module."""
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    if file.endswith(".py"):
        return Path(file).read_text(encoding="utf-8")
    try:
        spec = find_spec(module)
    except (ModuleNotFoundError, ValueError):
        return None
    source = getattr(spec.loader, "get_source", None) if spec else None
    text: str | None = source(module) if source else None
    return text
