"""Copies of the plug-ins that a run works with, and how a replay comes to them."""

import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.plugins import Plugin
from fedasc.settings import Settings
from fedasc.sources import PACKAGE, imported, top_of

FOLDER = "plugins"


def copy_plugins(folder: Path, settings: Settings) -> list[dict[str, str]]:
    """Copy the text of all plug-ins that aren't fedasc's, and of what they import beside them.

    Args:
        folder: Of the run.

    Returns:
        Of each module its name, the file that it came from, its copy, and a digest of its text.
    """
    files: dict[str, Path] = {}
    for plugin in _plugins_in(settings):
        if top_of(type(plugin).__module__) != PACKAGE:
            files |= _files(type(plugin).__module__)
    copies = []
    for name, file in sorted(files.items()):
        parts = name.split(".")
        parts[-1:] = [parts[-1], file.name] if file.stem == "__init__" else [f"{parts[-1]}.py"]
        copy, content = Path(FOLDER, *parts), file.read_bytes()
        with replaced(folder / copy) as written:
            written.write(content)
        digest = blake2b(content, digest_size=16).hexdigest()
        known = {"module": name, "file": str(file), "copy": copy.as_posix(), "digest": digest}
        copies.append(known)
    return copies


def names_of_copies(settings: Settings) -> dict[str, str]:
    """Of plug-ins that are named by the path of a file: their names, and those of their copies."""
    return {
        plugin.name: f"{FOLDER}/{type(plugin).__module__}.py:{type(plugin).__qualname__}"
        for plugin in _plugins_in(settings)
        if plugin.name.rpartition(":")[0].endswith(".py")
    }


def renamed(content: Any, name_of: Callable[[str], str]) -> Any:
    """Settings as a file has them, with other names of plug-ins."""
    if isinstance(content, Mapping):
        return {
            key: name_of(value)
            if key == "name" and isinstance(value, str)
            else renamed(value, name_of)
            for key, value in content.items()
        }
    return [renamed(one, name_of) for one in content] if isinstance(content, list) else content


def name_in(folder: Path, name: str) -> str:
    """The name of a plug-in, of a copy that of its file wherever the folder is now.

    A module that this process has imported already from a file that says the same is as good.
    """
    place, _, class_name = name.rpartition(":")
    path = folder / place
    if not place.startswith(f"{FOLDER}/") or not path.is_file():
        return name
    loaded = Path(getattr(sys.modules.get(path.stem), "__file__", None) or "")
    if loaded.is_file() and loaded.read_bytes() == path.read_bytes():
        path = loaded
    return f"{path.resolve()}:{class_name}"


def _files(module: str) -> dict[str, Path]:
    """Files of a module and of all that it imports of its package, or from beside it.

    What is installed comes along as far as it is the plug-in's package; nothing of a module without
    a file, as in a notebook.
    """
    known = Path(getattr(sys.modules.get(module), "__file__", None) or "")
    if known.suffix != ".py" or module == "__main__":
        return {}
    top = known.parents[module.count(".") + (known.stem == "__init__")]
    is_installed = str(top) in sysconfig.get_paths().values()
    files: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = top.joinpath(*name.split("."))
        file = next(filter(Path.is_file, (path.with_suffix(".py"), path / "__init__.py")), None)
        if file is None or name in files or top_of(name) == PACKAGE:
            continue
        if not is_installed or top_of(name) == top_of(module):
            files[name] = file
            waiting += imported(file.read_text(encoding="utf-8"), name)
    return files


def _plugins_in(value: Any) -> Iterator[Plugin]:
    if isinstance(value, Plugin):
        yield value
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _plugins_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from _plugins_in(tuple(value.values()))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _plugins_in(part)
