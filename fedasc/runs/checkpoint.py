"""The checkpoint of a run: what every night left, so that it can go on after an interruption.

Of each night and cohort there is a file of records; of devices that are served together one with
their state, which takes the place of that of the night before.
"""

import gzip
import io
import json
import pickle
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from importlib.metadata import version
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.errors import SettingsError
from fedasc.experiments.record import records_of
from fedasc.night import BEGINNING, Night, State
from fedasc.runs.details import Details, forget_details
from fedasc.runs.records import Records
from fedasc.scenario import Scenario

_STATE = "state"
_NIGHTS = "nights"
_LIBRARIES = ("fedasc", "numpy", "scikit-learn")
_NUMPY = {
    *(("numpy", name) for name in ("ndarray", "dtype")),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
    *((f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
}


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands, in its folder.

    Args:
        folder: Of the run.
        module: Name of the strategy's, which may remember values of its own.
        per_cohort: Devices of each cohort, of which files are; see `Execution`.
    """

    folder: Path
    module: str = ""
    per_cohort: int | None = None

    @classmethod
    def of(cls, folder: Path, *, module: str, per_cohort: int | None) -> "Checkpoint":
        """That of a run in its folder, with cohorts as it began with.

        Before a night has ended for anybody, there is nothing to go on from.
        """
        begun = cls(folder, module)
        if begun.is_empty():
            shutil.rmtree(folder / _NIGHTS, ignore_errors=True)  # of other cohorts, perhaps
            forget_details(folder)
            return cls(folder, module, per_cohort)
        head, _ = begun._read(begun._state(0))
        return cls(folder, module, head.get("per_cohort"))

    def write(self, scenario: Scenario, night: Night, state: State, *, place: int = 0) -> None:
        """Keep what a night brought to a cohort, and what it left if it has ended.

        Args:
            place: See `state`.
        """
        records = [record.as_json() for record in records_of(scenario, night)]
        text = io.BytesIO()
        with gzip.GzipFile(fileobj=text, mode="wb", mtime=0) as file:
            file.write(json.dumps(records).encode())
        with replaced(self._records(night.number, night.cohort)) as file:
            file.write(text.getvalue())
        if state.night <= night.number:
            return
        content = pickle.dumps(state, protocol=5)
        head = {
            "versions": _versions(),
            "digest": _digest(content),
            "per_cohort": self.per_cohort,
        }
        with replaced(self._state(place)) as file:
            file.write(json.dumps(head).encode() + b"\n" + content)

    def is_empty(self) -> bool:
        """Whether no night has ended for anybody."""
        return not self._state(0).exists()

    def state(self, place: int) -> State:
        """Where devices stand that are served together; the beginning if no night has ended.

        Args:
            place: Theirs in the order in which devices are served.

        Raises:
            SettingsError: If it can't be read, or other versions of libraries wrote it.
        """
        path = self._state(place)
        if not path.is_file():
            return BEGINNING
        _, content = self._read(path)
        try:
            state = _Unpickler(io.BytesIO(content), self.module).load()
        except (AttributeError, ImportError, pickle.UnpicklingError) as error:
            raise SettingsError(f"{path}: can't be read ({error}); begin anew") from error
        if not isinstance(state, State):
            raise SettingsError(f"{path}: damaged; begin anew")
        return state

    def _read(self, path: Path) -> tuple[dict[str, Any], bytes]:
        """What stands above a state, and the state as it is."""
        head, _, content = path.read_bytes().partition(b"\n")
        try:
            known = json.loads(head)
            if known["digest"] != _digest(content):
                raise ValueError("digest")
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{path}: damaged; begin anew") from error
        if known["versions"] != _versions():
            raise SettingsError(
                f"{path}: was written with {_in_words(known['versions'])}, but this is "
                f"{_in_words(_versions())}; go on with the same versions, or begin anew"
            )
        return known, content

    def records(self) -> list[Records]:
        """What the nights so far have left, by night and device; read when it is looked at."""
        nights: list[Records] = []
        while paths := _parts(partial(self._records, len(nights))):
            nights.append(Records(paths))
        return nights

    def states(self) -> Iterator[State]:
        """Where devices stand, those that are served together at a time."""
        for place, _ in enumerate(_parts(self._state)):
            yield self.state(place)

    def close(self) -> None:
        """Nothing is left to be done: forget where devices stand, and keep the records."""
        for path in reversed(_parts(self._state)):
            path.unlink()

    def _state(self, place: int) -> Path:
        return self.folder / f"{_STATE}{_part(place)}"

    def _records(self, night: int, cohort: int) -> Path:
        return self.folder / _NIGHTS / f"{night}{_part(cohort)}.json.gz"


def _part(number: int) -> str:
    """What tells a file from the first of its kind."""
    return f".{number}" if number else ""


def _parts(path: Callable[[int], Path]) -> tuple[Path, ...]:
    """Those that are there, from the first one on."""
    return tuple(takewhile(Path.is_file, map(path, count())))


@dataclass(frozen=True)
class Kept:
    """What nights leave, kept in the folder of a run (see `fedasc.states.States`).

    Args:
        checkpoint: Of the run.
        scenario: Who the users are.
        details: What else is kept; nothing if None.
    """

    checkpoint: Checkpoint
    scenario: Scenario
    details: Details | None = None

    def state(self, place: int) -> State:
        return self.checkpoint.state(place)

    def keep(self, place: int, night: Night, state: State) -> None:
        if self.details:
            self.details.write(night)
        self.checkpoint.write(self.scenario, night, state, place=place)


class _Unpickler(pickle.Unpickler):
    """Reads states and nothing else: a folder may come from anywhere."""

    def __init__(self, file: io.BytesIO, module: str) -> None:
        super().__init__(file)
        self._module = module

    def find_class(self, module: str, name: str) -> Any:
        ours = module.partition(".")[0] == "fedasc" or module == self._module
        target = super().find_class(module, name) if ours or (module, name) in _NUMPY else None
        if target is None or (ours and not isinstance(target, type)):
            raise SettingsError(
                f"the state of the run holds {module}.{name}, which no state of ours has; begin "
                "anew"
            )
        return target


def _versions() -> dict[str, str]:
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version(name) for name in _LIBRARIES},
    }


def _in_words(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
