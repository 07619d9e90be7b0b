"""What a module's text says to Python, in short; kept, as to parse a hundred takes a second."""

import ast
import sys
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

from fedasc.atomic import replaced
from fedasc.errors import FedascError
from fedasc.places import cache_root
from fedasc.seal import content_of, signed
from fedasc.sharing import share

_MOST = 5000
"""Texts that are remembered; all are forgotten when there are more."""

_Known = dict[str, str]


def syntax_of(*texts: str) -> list[str]:
    """Short for what each text says to Python.

    Comments, statements that are mere texts, and where lines are broken say nothing.
    """
    major, minor, *_ = sys.version_info  # whose syntax it is
    path = cache_root() / f"syntax-{major}.{minor}.json"
    known = _read(path)
    new = {_name(text): text for text in texts if _name(text) not in known}
    if new:
        known |= {name: _short(text) for name, text in new.items()}
        _write(path, known)
    return [known[_name(text)] for text in texts]


@cache
def _read(path: Path) -> _Known:
    """What was found out before; nothing if that is damaged."""
    try:
        known = content_of(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if len(known) < _MOST else {}


def _write(path: Path, known: _Known) -> None:
    """For others; who can't write does without."""
    with suppress(FedascError, OSError), replaced(path) as file:
        file.write(signed(known))
    with suppress(OSError):
        share(path, like=path.parent)


@cache
def _name(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _short(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body: list[ast.stmt] | None = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [line for line in body if not _says_nothing(line)]
    return blake2b(ast.dump(tree).encode(), digest_size=12).hexdigest()


def _says_nothing(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
