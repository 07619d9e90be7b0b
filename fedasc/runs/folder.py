"""The folder of a run: there from the start, and marked unfinished until it is finished."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from fedasc.atomic import claimed, replaced
from fedasc.corpus.recordings import Corpus
from fedasc.errors import FedascError, RunError, SettingsError
from fedasc.report.rows import write_json
from fedasc.runs.checkpoint import Checkpoint
from fedasc.runs.inputs import Inputs
from fedasc.runs.settings_file import write_settings
from fedasc.storage import told

_MARK = "UNFINISHED"
_ASKED = "run.json"


def is_finished(folder: Path) -> bool:
    """Whether there is nothing left to be done."""
    return (folder / _ASKED).is_file() and not (folder / _MARK).exists()


@contextmanager
def begun(folder: Path, inputs: Inputs, *, command: str = "") -> Iterator[None]:
    """A new folder to work in.

    It goes away again if what was asked for can't be done, and no night has ended.

    Args:
        folder: Must not exist.
        command: That asked for it; empty if it was called from Python.

    Raises:
        SettingsError: If it does, or can't be made.
        StorageError: If the disk is full.
    """
    with claimed(folder):
        with told(folder):
            folder.mkdir()
        try:
            with _alone(folder):
                try:
                    _begin(folder, inputs, command)
                    yield
                except BaseException as error:
                    if not _may_go_on(folder, error):
                        shutil.rmtree(folder, ignore_errors=True)
                    raise
        finally:
            with suppress(OSError):  # not even its lock could be written
                folder.rmdir()


def _may_go_on(folder: Path, error: BaseException) -> bool:
    if not (folder / _ASKED).is_file():
        return False
    impossible = isinstance(error, FedascError) and not isinstance(error, RunError)
    return not impossible or not Checkpoint(folder).is_empty()


def _begin(folder: Path, inputs: Inputs, command: str) -> None:
    with replaced(folder / _MARK) as file:
        text = f"This run isn't finished. Go on with it: fedasc run --resume {folder}\n"
        file.write(text.encode())
    write_json(folder / _ASKED, inputs.stored(folder))
    write_settings(folder, inputs, command=command)


@contextmanager
def reopened(folder: Path, corpora: Sequence[Corpus] | None = None) -> Iterator[Inputs]:
    """The folder of a run that isn't finished, and what was asked for.

    Args:
        corpora: See `Inputs.restored`.

    Raises:
        SettingsError: If there is no such run, it is finished, or another process works on it.
    """
    if not (folder / _ASKED).is_file():
        raise SettingsError(f"{folder}: no folder of a run; see --out")
    if is_finished(folder):
        raise SettingsError(f"{folder}: is finished; give the folder of another run")
    with _alone(folder):
        yield asked_for(folder, corpora)


def asked_for(folder: Path, corpora: Sequence[Corpus] | None = None) -> Inputs:
    """What the run in a folder was asked for.

    Raises:
        FedascError: If there is no run, or its corpora aren't what they were.
    """
    try:
        content = json.loads((folder / _ASKED).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{folder}: no folder of a run; see --out") from error
    return Inputs.restored(content, folder, corpora)


def finish(folder: Path) -> None:
    """Take the mark away."""
    (folder / _MARK).unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SettingsError(f"{folder}: another process works on this run") from None
    except OSError as error:
        raise SettingsError(f"{folder}: no folder of a run that can be written") from error
    try:
        yield
    finally:
        (folder / ".lock").unlink(missing_ok=True)
        lock.release()
