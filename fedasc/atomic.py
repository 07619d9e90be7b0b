"""Files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from fedasc.errors import RunError, SettingsError
from fedasc.storage import told


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of `path` when the block ends without error.

    Raises:
        FedascError: If the disk is full, or the file can't be written.
    """
    draft = _draft_of(path)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("wb") as file:
                yield file
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def dated(parent: str, *, prefix: str = "") -> Path:
    """A path for new results, named by the time."""
    return Path(parent) / f"{prefix}{datetime.now().strftime('%Y-%m-%d-%H-%M-%S')}"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """A name for new results that nobody else takes meanwhile, before anything long is done.

    Raises:
        SettingsError: If there is something at the path, another process makes it, or it can't be
            made.
    """
    _check_free(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_name(f".{folder.name}.lock"))
        lock.acquire(timeout=0)
    except Timeout:
        raise SettingsError(
            f"{folder}: another process makes it; give --out another name"
        ) from None
    except (OSError, ValueError, NotImplementedError) as error:
        raise SettingsError(f"{folder}: can't be made ({_why(error)}); see --out") from error
    try:
        _check_free(folder)
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _check_free(folder: Path) -> None:
    if os.path.lexists(folder):
        raise SettingsError(f"{folder}: exists; give --out another name or move it away")


def check_writable(path: Path, *, suffix: str) -> None:
    """Refuse a file for results that can't be written, before anything long is done.

    Raises:
        SettingsError: If the name ends otherwise, or a folder or a file is in the way.
    """
    if path.suffix != suffix or (path.exists() and not path.is_file()):
        raise SettingsError(f"{path}: give the name of a file that ends in {suffix}")
    draft = _draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch()
        draft.unlink()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: can't be made ({_why(error)})") from error


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which gets its name when the block ends without error.

    Raises:
        FedascError: If the disk is full, or the folder can't be written or is there already.
    """
    with told(folder):
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            yield draft
            draft.chmod(0o755)
            try:
                draft.rename(folder)
            except OSError as error:
                if not os.path.lexists(folder):
                    raise
                raise RunError(
                    f"{folder}: somebody else made it meanwhile; the same command with another "
                    "--out needs little time, since what was finished is kept"
                ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def moved_into(folder: Path) -> Iterator[Path]:
    """A folder to fill, whose files move into one that exists when the block ends without error.

    Raises:
        FedascError: If the disk is full, or the folder can't be written.
    """
    with told(folder):
        draft = Path(tempfile.mkdtemp(prefix=".draft.", dir=folder))
        try:
            yield draft
            for path in sorted(draft.iterdir()):
                path.replace(folder / path.name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
