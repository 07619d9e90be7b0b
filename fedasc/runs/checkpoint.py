"""The checkpoint of a run: what every night left, so that it can go on after an interruption."""

import gzip
import io
import json
import pickle
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fedasc.atomic import replaced
from fedasc.errors import SettingsError
from fedasc.experiments.record import DeviceRecord, records_of
from fedasc.night import BEGINNING, Night, State
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
    """

    folder: Path

    def write(self, scenario: Scenario, night: Night, state: State) -> None:
        """Keep a night and what it left: both, or the state before it stays."""
        records = [record.as_json() for record in records_of(scenario, night)]
        text = io.BytesIO()
        with gzip.GzipFile(fileobj=text, mode="wb", mtime=0) as file:
            file.write(json.dumps(records).encode())
        with replaced(self._records(night.number)) as file:
            file.write(text.getvalue())
        content = pickle.dumps(state, protocol=5)
        head = {"versions": _versions(), "digest": _digest(content)}
        with replaced(self.folder / _STATE) as file:
            file.write(json.dumps(head).encode() + b"\n" + content)

    def is_empty(self) -> bool:
        """Whether no night has ended."""
        return not (self.folder / _STATE).exists()

    def state(self, *, module: str) -> State:
        """Where the run stands; the beginning if no night has ended.

        Args:
            module: Name of the strategy's, which may remember values of its own.

        Raises:
            SettingsError: If it can't be read, or other versions of libraries wrote it.
        """
        path = self.folder / _STATE
        if not path.is_file():
            return BEGINNING
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
        try:
            state = _Unpickler(io.BytesIO(content), module).load()
        except (AttributeError, ImportError, pickle.UnpicklingError) as error:
            raise SettingsError(f"{path}: can't be read ({error}); begin anew") from error
        if not isinstance(state, State):
            raise SettingsError(f"{path}: damaged; begin anew")
        return state

    def records(self) -> list[Sequence[DeviceRecord]]:
        """What the nights so far have left, by night and device.

        Raises:
            SettingsError: If a file can't be read.
        """
        nights: list[Sequence[DeviceRecord]] = []
        while (path := self._records(len(nights))).is_file():
            try:
                content = json.loads(gzip.decompress(path.read_bytes()))
                nights.append(tuple(DeviceRecord.of_json(record) for record in content))
            except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
                raise SettingsError(f"{path}: damaged; begin anew") from error
        return nights

    def close(self) -> None:
        """Nothing is left to be done: forget the state, and keep the records."""
        (self.folder / _STATE).unlink(missing_ok=True)

    def _records(self, night: int) -> Path:
        return self.folder / _NIGHTS / f"{night}.json.gz"


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
