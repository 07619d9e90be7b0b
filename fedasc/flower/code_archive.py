"""fedasc itself and the modules that a run has loaded from files, as an archive that travels.

What pip has installed stays: the other machines have that of their own.
"""

import site
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from fedasc.errors import RunError
from fedasc.sources import PACKAGE, top_of

_FAST = 1
_MOST_BYTES = 400_000_000
"""Of files; what Ray takes is a little more."""


def write_code_archive(path: Path) -> None:
    """Write all modules that other machines need, the same bytes for the same modules.

    These are fedasc, the distributions that bring plug-ins for it along, and whatever else isn't
    installed: plug-ins in files, and what they have imported. Of a package all of its files go,
    of a file that is no part of one just that.

    Raises:
        RunError: If they are too large.
    """
    files: dict[str, Path] = {}
    for name, file in _files():  # of folders of one name, the first is what Python takes
        files.setdefault(name, file)
    n_bytes = sum(file.stat().st_size for file in files.values())
    if n_bytes > _MOST_BYTES:
        largest = max(files, key=lambda name: files[name].stat().st_size)
        raise RunError(
            f"the modules of this run take {n_bytes / 1e6:,.0f} MB, too much to send to other "
            f"machines (the largest is {files[largest]}); install them there and here"
        )
    with ZipFile(path, "w") as archive:
        for name, file in sorted(files.items()):
            archive.writestr(ZipInfo(name), file.read_bytes(), ZIP_DEFLATED, _FAST)


def _files() -> Iterator[tuple[str, Path]]:
    """Files by their names in the archive."""
    for name, module in list(sys.modules.items()):
        # What is made by the main module carries it along.
        if "." in name or module is sys.modules["__main__"]:
            continue
        folders = [Path(folder) for folder in getattr(module, "__path__", None) or ()]
        file = getattr(module, "__file__", None)
        if folders:
            for folder in folders:
                if _travels(name, folder):
                    for one in _below(folder):
                        yield f"{name}/{one.relative_to(folder).as_posix()}", one
        elif file and Path(file).is_file() and _travels(name, Path(file)):
            yield Path(file).name, Path(file)


def _below(folder: Path) -> Iterator[Path]:
    for one in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in one.relative_to(folder).parts)
        if one.is_file() and "__pycache__" not in one.parts and not hidden:
            yield one


def _travels(name: str, place: Path) -> bool:
    return name in _plugins() or not any(place.resolve().is_relative_to(i) for i in _installed())


@cache
def _plugins() -> set[str]:
    """fedasc, and the packages of distributions that bring plug-ins for it along."""
    groups = [group for group in entry_points().groups if top_of(group) == PACKAGE]
    points = [point for group in groups for point in entry_points(group=group)]
    return {PACKAGE, *(top_of(point.module) for point in points)}


@cache
def _installed() -> set[Path]:
    """Where pip and Python itself keep modules."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = [*(sysconfig.get_paths()[name] for name in names), *site.getsitepackages()]
    return {Path(folder).resolve() for folder in (*folders, site.getusersitepackages())}
