"""Files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from fedasc.errors import SettingsError


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of `path` when the block ends without error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def dated(parent: str, *, prefix: str = "") -> Path:
    """A path for new results, named by the time."""
    return Path(parent) / f"{prefix}{datetime.now().strftime('%Y-%m-%d-%H-%M-%S')}"


def check_free(folder: Path) -> None:
    """Refuse a folder for results that exists, before anything long is done.

    Raises:
        SettingsError: If there is something at the path, or it can't be written.
    """
    if folder.exists():
        raise SettingsError(f"{folder}: exists; give --out another name or move it away")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder}: can't be made ({error.strerror}); see --out") from error


def check_writable(path: Path, *, suffix: str) -> None:
    """Refuse a file for results that can't be written, before anything long is done.

    Raises:
        SettingsError: If the name ends otherwise, or a folder or a file is in the way.
    """
    if path.suffix != suffix or path.is_dir():
        raise SettingsError(f"{path}: give the name of a file that ends in {suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{path}: can't be made ({error.strerror})") from error


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name when the block ends without error."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def moved_into(folder: Path) -> Iterator[Path]:
    """A folder to fill, whose files move into one that exists when the block ends without error."""
    draft = Path(tempfile.mkdtemp(prefix=".draft.", dir=folder))
    try:
        yield draft
        for path in sorted(draft.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
